//! The search for a cure of both kinds, where neither does alone.
//!
//! In this order: the fewest extra teams a base and day with which the earliest start suffices; with these everywhere, the
//! fewest working days earlier; from that day on, the fewest team-days.

use std::collections::BTreeSet;

use super::{Draft, Ground, Seeker, WORK};
use crate::plan::PlanError;
use crate::plan::diagnosis::{Both, OneLess, Search, cure};

impl Seeker<'_> {
    /// An earlier start with more team-days, for the visits `helped` by both together.
    pub(super) fn both(&mut self, helped: &BTreeSet<String>) -> Result<Option<Both>, PlanError> {
        let starts = cure::earlier_starts(self.planned);
        let (latest, most) = (starts.len(), helped.len());
        if latest == 0 {
            return Ok(None);
        }
        // What the single cures left of the work is little where both failed.
        self.total = self.work + WORK / 2;
        self.allow(self.total);
        let ids = self.left_out.iter().map(|line| &line.id);
        let beyond: BTreeSet<String> = ids.filter(|id| !helped.contains(*id)).cloned().collect();
        let start = |workdays: usize| starts[latest - workdays];
        let ground = |seeker: &Self, workdays: usize| {
            let problem = cure::ground(seeker.planned, start(workdays))?;
            Ok::<_, PlanError>(Ground { problem, beyond: beyond.clone() })
        };
        let earliest = ground(self, latest)?;
        let tried = |search: &mut Search, each| search.most_extra_teams_with_earlier = Some(each);
        let Some((each, draft)) = self.enough_teams(&earliest, most, tried)? else { return Ok(None) };
        let mut best: (Ground, Draft) = (earliest, draft);
        let attempt = |seeker: &mut Self, workdays: usize, effort: u32| {
            let ground = ground(seeker, workdays)?;
            let draft = seeker.with_everywhere(&ground, each, effort)?;
            Ok::<_, PlanError>(draft.map(|draft| (ground, draft)))
        };
        let coarse = self.search.effort;
        let (mut low, mut workdays) = (0, latest);
        while workdays - low > 1 && !self.spent {
            let middle = usize::midpoint(low, workdays);
            match attempt(self, middle, coarse)? {
                Some(found) => (workdays, best) = (middle, found),
                None => low = middle,
            }
        }
        // The plan's own first day is that of more team-days alone, which were not enough.
        let mut effort = coarse;
        while workdays > 1 {
            self.allow(self.total);
            effort = self.fine(1);
            match attempt(self, workdays - 1, effort)? {
                Some(found) => (workdays, best) = (workdays - 1, found),
                None => break,
            }
        }
        let stopped = self.spent && workdays > 1;
        let one_workday_less = if stopped { OneLess::NotTried } else { OneLess::NotFound { effort, ways: 1 } };
        let (ground, draft) = best;
        self.allow(self.total);
        let draft = self.fewer(&ground, draft)?;
        let (Draft { days, schedule }, one_team_day_less) = self.one_less(&ground, draft)?;
        Ok(Some(Both {
            workdays,
            first_day: start(workdays),
            n: days.len(),
            crew: self.planned.prepared.settings.crew,
            days,
            one_workday_less,
            one_team_day_less,
            schedule,
        }))
    }
}
