//! Sample, inspectors, calendar and travel → the schedule problem (contract, sections 3 and 6).
//!
//! This is where the draw and the routing meet: enterprises become visits, inspectors become interchangeable teams.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::calendar::{Calendar, CalendarError};
use crate::county::{City, Gazetteer};
use crate::frame::{Applicant, Hours};
use crate::notice::Notice;
use crate::roster::{Inspector, Roster};
use crate::routing::problem::{BaseFile, CostFile, FORMAT, ProblemFile, SpanFile, TeamFile, VisitFile};
use crate::settings::ScheduleSettings;
use crate::travel::{Datum, Matrix, Wgs84};

/// Skill of a team with an expert.
pub const EXPERT: &str = "expert";
/// Where the break stands if the plan has none: hours of the table split there.
const NOON: i64 = 12 * 3600;

/// A base or an enterprise on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Id of the base, or credit code.
    pub id: String,
    /// Where it is.
    pub point: Wgs84,
    /// Whether that is only a seat of government.
    pub approximate: bool,
}

/// What is compiled.
#[derive(Debug, Clone, Copy)]
pub struct Sources<'a> {
    /// Name of the problem: the draw id.
    pub name: &'a str,
    /// Enterprises to visit, in the order of the record.
    pub visits: &'a [&'a Applicant],
    /// Inspectors.
    pub roster: &'a Roster,
    /// Rules of the year.
    pub notice: &'a Notice,
    /// Working days.
    pub calendar: &'a Calendar,
    /// `[schedule]`.
    pub settings: &'a ScheduleSettings,
}

/// Bases, then enterprises, with their places. Without coordinates the county's seat stands in, else the city's.
#[must_use]
pub fn sites(
    visits: &[&Applicant],
    roster: &Roster,
    gazetteer: &Gazetteer,
    city: &City,
    datum: Datum,
) -> Vec<Site> {
    let bases = roster.bases.iter().map(|b| Site { id: b.id.clone(), point: b.point, approximate: b.approximate });
    let enterprises = visits.iter().map(|applicant| {
        let (point, approximate) = if let Some((lon, lat)) = applicant.details.point {
            (datum.to_wgs84(lon, lat), false)
        } else {
            let county = city
                .county(&applicant.county)
                .or_else(|| gazetteer.cities().iter().find_map(|c| c.county(&applicant.county)));
            let seat = county.map_or(city.seat, |c| c.seat);
            (Datum::Gcj02.to_wgs84(seat.lon, seat.lat), true)
        };
        Site { id: applicant.code.to_string(), point, approximate }
    });
    bases.chain(enterprises).collect()
}

/// The last visit day of each star: the latest working day that leaves the wrap-up days before the deadline.
///
/// # Errors
/// [`CalendarError`] for a year that the calendar does not know.
pub fn last_visit_days(
    notice: &Notice,
    calendar: &Calendar,
    settings: &ScheduleSettings,
) -> Result<BTreeMap<u8, NaiveDate>, CalendarError> {
    notice
        .stars
        .iter()
        .map(|rule| {
            let wrap_up = settings.wrap_up.get(&rule.star).copied().unwrap_or(0);
            Ok((rule.star, calendar.last_visit_day(rule.deadline, wrap_up)?))
        })
        .collect()
}

/// Compiles the problem. `travel` has the bases, then the visits.
///
/// # Errors
/// [`CalendarError`] for a year that the calendar does not know.
pub fn compile(sources: Sources<'_>, sites: &[Site], travel: &Matrix) -> Result<ProblemFile, CalendarError> {
    let Sources { settings, roster, .. } = sources;
    let last = last_visit_days(sources.notice, sources.calendar, settings)?;
    let end = sources.visits.iter().filter_map(|v| last.get(&v.star)).max().copied();
    // Also where no day is left: a first day in an unknown year is a mistake to name.
    sources.calendar.is_workday(settings.first_day)?;
    let days = match end {
        Some(end) => sources.calendar.workdays(settings.first_day, end)?,
        None => Vec::new(),
    };
    let teams = teams(roster, settings, &days);
    let away = Away::of(sources, &teams);
    let (base_sites, visit_sites) = sites.split_at(roster.bases.len());
    let visits = sources
        .visits
        .iter()
        .zip(visit_sites)
        .map(|(applicant, site)| visit(sources, applicant, site, &last, &days, &teams, &away))
        .collect();
    Ok(ProblemFile {
        format: FORMAT.to_owned(),
        name: Some(sources.name.to_owned()),
        shift: settings.shift,
        lunch: settings.lunch,
        bases: base_sites
            .iter()
            .map(|s| BaseFile { id: s.id.clone(), lon: Some(s.point.lon), lat: Some(s.point.lat) })
            .collect(),
        visits,
        travel: travel.seconds.clone(),
        cost: CostFile {
            team_day: settings.team_day,
            travel: 1,
            unscheduled: price_of_leaving_out(settings, teams.len() * days.len()),
        },
        placement: settings.placement,
        days,
        teams,
    })
}

/// The price of leaving a visit out, so high that it exceeds every route there could be on so many team-days.
#[must_use]
pub fn price_of_leaving_out(settings: &ScheduleSettings, team_days: usize) -> i64 {
    1 + team_days as i64 * (settings.team_day + settings.shift.end - settings.shift.start)
}

/// A team by its base and number alone: those of one number that stand as two never work on the same day, so people need
/// not tell them apart.
#[must_use]
pub fn team_number(id: &str) -> &str {
    id.trim_end_matches('′')
}

/// The teams of all bases. Team k of a base works on the days when ⌊available / crew⌋ reaches k, and can take an expert's
/// visit when the number of experts available reaches k too. As a team's skills are the same every day, a team k that has
/// an expert on some of its days only stands as two: `base-k` on the days with, `base-k′` on those without.
#[must_use]
pub fn teams(roster: &Roster, settings: &ScheduleSettings, days: &[NaiveDate]) -> Vec<TeamFile> {
    let mut out = Vec::new();
    for base in &roster.bases {
        let here: Vec<&Inspector> = roster.inspectors.iter().filter(|i| i.base == base.id).collect();
        let counts: Vec<(usize, usize)> = days.iter().map(|day| strength(&here, *day, settings.crew)).collect();
        for k in 1..=counts.iter().map(|c| c.0).max().unwrap_or(0) {
            for expert in [true, false] {
                let works = |(teams, experts): &(usize, usize)| *teams >= k && (*experts >= k) == expert;
                let days_off: Vec<NaiveDate> =
                    days.iter().zip(&counts).filter(|(_, c)| !works(c)).map(|(d, _)| *d).collect();
                if days_off.len() == days.len() {
                    continue;
                }
                let split = !expert && counts.iter().any(|(teams, experts)| *teams >= k && *experts >= k);
                out.push(TeamFile {
                    id: format!("{}-{k}{}", base.id, if split { "′" } else { "" }),
                    base: base.id.clone(),
                    skills: if expert { vec![EXPERT.to_owned()] } else { Vec::new() },
                    days_off,
                    max_visits: settings.max_visits,
                });
            }
        }
    }
    out
}

/// Teams that keep away from some visits so that the others find their crews.
///
/// Of n inspectors of a base, n_c of whom are of county c, at most ⌊(n − n_c) / crew⌋ crews a day may check enterprises of
/// c. As teams are interchangeable, it is the same which of them do; those of different counties are different ones as far
/// as they suffice, as a crew that visits two counties can be of neither. Where all experts of a base are of c, a team that
/// goes to c has none with it.
#[derive(Debug, Default)]
struct Away<'a> {
    /// By county, the teams that do not go there.
    counties: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Teams that make no visit which needs an expert.
    experts: BTreeSet<&'a str>,
}

impl<'a> Away<'a> {
    fn of(sources: Sources<'a>, teams: &'a [TeamFile]) -> Self {
        let mut away = Self::default();
        if !sources.settings.cross_county {
            return away;
        }
        for base in &sources.roster.bases {
            let here: Vec<&Inspector> = sources.roster.inspectors.iter().filter(|i| i.base == base.id).collect();
            if here.iter().all(|i| i.team.is_none()) {
                let teams: Vec<&TeamFile> = teams.iter().filter(|team| team.base == base.id).collect();
                away.base(&here, &teams, sources.settings.crew);
            }
        }
        away
    }

    fn base(&mut self, here: &[&'a Inspector], teams: &[&'a TeamFile], crew: usize) {
        let mut counties: BTreeMap<&str, usize> = BTreeMap::new();
        for county in here.iter().filter_map(|i| i.county.as_deref()) {
            *counties.entry(county).or_default() += 1;
        }
        // A team that stands as two, with and without an expert, counts once.
        let mut numbers: Vec<(usize, &TeamFile)> = Vec::new();
        for team in teams {
            let same = |id: &str| team_number(id) == team_number(&team.id);
            let number = match numbers.last() {
                Some((number, last)) if same(&last.id) => *number,
                Some((number, _)) => number + 1,
                None => 0,
            };
            numbers.push((number, team));
        }
        let n = numbers.last().map_or(0, |(number, _)| number + 1);
        let mut next = 0;
        for (county, own) in counties {
            let first = next;
            let may = ((here.len() - own) / crew).min(n);
            let goes = |number: usize| n > 0 && (number + n - first % n) % n < may;
            let keeps = numbers.iter().filter(|(number, _)| !goes(*number)).map(|(_, team)| team.id.as_str());
            self.counties.entry(county).or_default().extend(keeps);
            next += may;
            let stranger = |i: &&'a Inspector| i.expert && i.county.as_deref() != Some(county);
            if !here.iter().any(stranger) {
                let led = numbers
                    .iter()
                    .filter(|(number, team)| goes(*number) && team.skills.iter().any(|skill| skill == EXPERT));
                self.experts.extend(led.map(|(_, team)| team.id.as_str()));
            }
        }
    }
}

/// Teams of a base on a day, and how many of them can take an expert's visit. Teams fixed by hand count where enough of
/// their members are there.
fn strength(here: &[&Inspector], day: NaiveDate, crew: usize) -> (usize, usize) {
    let there: Vec<&Inspector> = here.iter().filter(|i| !i.unavailable.contains(&day)).copied().collect();
    if here.iter().all(|i| i.team.is_none()) {
        return (there.len() / crew, there.iter().filter(|i| i.expert).count());
    }
    let complete: Vec<Vec<&Inspector>> = by_team(&there).into_values().filter(|team| team.len() >= crew).collect();
    (complete.len(), complete.iter().filter(|team| team.iter().any(|i| i.expert)).count())
}

/// The teams fixed by hand, by name.
fn by_team<'a>(inspectors: &[&'a Inspector]) -> BTreeMap<&'a str, Vec<&'a Inspector>> {
    let mut teams: BTreeMap<&str, Vec<&Inspector>> = BTreeMap::new();
    for inspector in inspectors {
        teams.entry(inspector.team.as_deref().unwrap_or("")).or_default().push(inspector);
    }
    teams
}

fn visit(
    sources: Sources<'_>,
    applicant: &Applicant,
    site: &Site,
    last: &BTreeMap<u8, NaiveDate>,
    days: &[NaiveDate],
    teams: &[TeamFile],
    away: &Away<'_>,
) -> VisitFile {
    let needs_expert = sources.notice.star(applicant.star).is_some_and(|rule| rule.expert);
    let barred = barred_bases(sources, applicant, needs_expert);
    let mut days_off = applicant.details.unavailable.clone();
    // Where no team comes into question, that is said of the teams: theirs are the days off, the skills, the `avoid`.
    let in_question = |day: &NaiveDate| {
        teams.iter().any(|team| {
            let suits = !needs_expert || team.skills.iter().any(|skill| skill == EXPERT);
            suits && !barred.contains(&team.base) && !team.days_off.contains(day)
        })
    };
    let open: Vec<NaiveDate> = days.iter().filter(|day| in_question(day)).copied().collect();
    days_off.extend(days_without_a_crew(sources, applicant, needs_expert, &open));
    VisitFile {
        id: applicant.code.to_string(),
        lon: Some(site.point.lon),
        lat: Some(site.point.lat),
        tier: Some(i64::from(applicant.star)),
        service: sources.settings.service.get(&applicant.star).copied().unwrap_or(3600),
        deadline: last.get(&applicant.star).copied(),
        days_off: days_off.into_iter().collect(),
        windows: windows(&applicant.details.hours, sources.settings),
        skills: if needs_expert { vec![EXPERT.to_owned()] } else { Vec::new() },
        avoid: teams
            .iter()
            .filter(|t| {
                let id = t.id.as_str();
                let county = away.counties.get(applicant.county.as_str());
                barred.contains(&t.base)
                    || county.is_some_and(|teams| teams.contains(id))
                    || (needs_expert && away.experts.contains(id))
            })
            .map(|t| t.id.clone())
            .collect(),
        planned: None,
        pinned: false,
    }
}

/// Whether an inspector may check an enterprise: not of its own county, not recused from it.
fn may(settings: &ScheduleSettings, inspector: &Inspector, applicant: &Applicant) -> bool {
    let own_county = settings.cross_county && inspector.county.as_ref() == Some(&applicant.county);
    !own_county && !inspector.recuse.contains(&applicant.code)
}

/// Bases of which nobody may check the enterprise.
pub fn closed_bases<'a>(
    roster: &'a Roster,
    settings: &'a ScheduleSettings,
    applicant: &'a Applicant,
) -> impl Iterator<Item = &'a str> {
    let open =
        |base: &&str| roster.inspectors.iter().filter(|i| i.base == **base).any(|i| may(settings, i, applicant));
    roster.bases.iter().map(|b| b.id.as_str()).filter(move |base| !open(base))
}

/// Whether inspectors of one base suffice for the enterprise: enough of them, or a team fixed by hand, and an expert where
/// one is needed.
fn suffice(sources: Sources<'_>, here: &[&Inspector], applicant: &Applicant, needs_expert: bool) -> bool {
    let crew = sources.settings.crew;
    let may = |i: &&&Inspector| may(sources.settings, i, applicant);
    let complete = |team: &[&Inspector]| team.len() >= crew && (!needs_expert || team.iter().any(|i| i.expert));
    if here.iter().all(|i| i.team.is_none()) {
        return complete(&here.iter().filter(may).copied().collect::<Vec<_>>());
    }
    by_team(here).into_values().any(|team| complete(&team) && team.iter().all(|i| may(&i)))
}

/// Bases whose inspectors could not check the enterprise even if all were there.
fn barred_bases(sources: Sources<'_>, applicant: &Applicant, needs_expert: bool) -> BTreeSet<String> {
    let bases = sources.roster.bases.iter().map(|base| &base.id);
    let barred = bases.filter(|base| {
        let here: Vec<&Inspector> = sources.roster.inspectors.iter().filter(|i| i.base == **base).collect();
        !suffice(sources, &here, applicant, needs_expert)
    });
    barred.cloned().collect()
}

/// Days on which at no base those suffice who are there.
fn days_without_a_crew(
    sources: Sources<'_>,
    applicant: &Applicant,
    needs_expert: bool,
    days: &[NaiveDate],
) -> Vec<NaiveDate> {
    let without = |day: &&NaiveDate| {
        sources.roster.bases.iter().all(|base| {
            let there = |i: &&Inspector| i.base == base.id && !i.unavailable.contains(day);
            let there: Vec<&Inspector> = sources.roster.inspectors.iter().filter(there).collect();
            !suffice(sources, &there, applicant, needs_expert)
        })
    };
    days.iter().filter(without).copied().collect()
}

/// Hours of the table as windows of the problem.
fn windows(hours: &[Hours], settings: &ScheduleSettings) -> Vec<(i64, i64)> {
    let SpanFile { start, end } = settings.shift;
    let (before, after) = settings.lunch.map_or((NOON, NOON), |lunch| (lunch.start, lunch.end));
    let mut out: Vec<(i64, i64)> = hours
        .iter()
        .map(|h| match *h {
            Hours::Morning => (start.min(before), before),
            Hours::Afternoon => (after, end.max(after)),
            Hours::Span(from, to) => (from, to),
        })
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::test_support::applicant;
    use crate::roster::Base;
    use crate::routing::problem::Placement;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn inspector(id: &str, expert: bool, off: &[&str]) -> Inspector {
        Inspector {
            id: id.into(),
            name: id.into(),
            unit: String::new(),
            county: None,
            base: "B".into(),
            expert,
            unavailable: off.iter().map(|d| day(d)).collect(),
            recuse: BTreeSet::new(),
            team: None,
        }
    }

    fn settings() -> ScheduleSettings {
        ScheduleSettings {
            first_day: day("2022-04-01"),
            shift: SpanFile { start: 30_600, end: 63_000 },
            lunch: Some(SpanFile { start: 43_200, end: 48_600 }),
            crew: 2,
            max_visits: Some(4),
            service: BTreeMap::from([(3, 3600), (4, 5400), (5, 7200)]),
            wrap_up: BTreeMap::from([(3, 7), (4, 7), (5, 3)]),
            team_day: 28_800,
            placement: Placement::Early,
            cross_county: true,
            effort: 1,
        }
    }

    fn compiled(roster: &Roster, visits: &[&Applicant]) -> ProblemFile {
        let gazetteer = Gazetteer::embedded();
        let city = gazetteer.city("苏州市").unwrap();
        let notice = Notice::parse("x", crate::notice::EMBEDDED[0].1).unwrap();
        let calendar = Calendar::embedded();
        let settings = settings();
        let sites = sites(visits, roster, &gazetteer, city, Datum::Gcj02);
        let ids = sites.iter().map(|s| s.id.clone()).collect();
        let sources =
            Sources { name: "n", visits, roster, notice: &notice, calendar: &calendar, settings: &settings };
        compile(sources, &sites, &Matrix::of(ids, |_, _| 600)).unwrap()
    }

    #[test]
    fn teams_and_experts_follow_who_is_there() {
        let base = Base { id: "B".into(), point: Wgs84 { lon: 120.0, lat: 31.0 }, approximate: false };
        let inspectors = vec![
            inspector("1", true, &["2022-04-06"]),
            inspector("2", false, &[]),
            inspector("3", false, &[]),
            inspector("4", false, &["2022-04-01"]),
        ];
        let roster = Roster { inspectors, bases: vec![base], findings: vec![] };
        let five = applicant("91320583MAC1JJUW8D", 5, "昆山市");
        let three = applicant("91320581MAJHYR102B", 3, "常熟市");
        let problem = compiled(&roster, &[&three, &five]);
        assert_eq!(problem.days.first(), Some(&day("2022-04-01")));
        assert_eq!(problem.days.last(), Some(&day("2022-04-26")));
        assert!(problem.days.contains(&day("2022-04-02")) && problem.days.contains(&day("2022-04-24")));
        let teams: Vec<(&str, usize, usize)> =
            problem.teams.iter().map(|t| (t.id.as_str(), t.skills.len(), t.days_off.len())).collect();
        let all = problem.days.len();
        // 04-01: three there, one team, with the expert. 04-06: three, one team, none. Otherwise two teams, one expert.
        assert_eq!(teams, [("B-1", 1, 1), ("B-1′", 0, all - 1), ("B-2", 0, 2)]);
        assert_eq!(problem.visits[0].deadline, Some(day("2022-04-06")));
        assert_eq!(problem.visits[1].deadline, Some(day("2022-04-26")));
        assert_eq!(problem.visits[1].skills, [EXPERT]);
        assert_eq!(problem.cost.unscheduled, 1 + 3 * all as i64 * (28_800 + 32_400));
        crate::routing::problem::Problem::new(problem).unwrap();
    }

    #[test]
    fn a_base_without_enough_admissible_inspectors_is_avoided() {
        let base = Base { id: "B".into(), point: Wgs84 { lon: 120.0, lat: 31.0 }, approximate: false };
        let mut inspectors =
            vec![inspector("1", true, &[]), inspector("2", false, &[]), inspector("3", true, &[])];
        inspectors[0].county = Some("昆山市".into());
        let four = applicant("91320583MAC1JJUW8D", 4, "昆山市");
        let five = applicant("91320581MAJHYR102B", 5, "常熟市");
        let roster = |inspectors: &[Inspector]| Roster {
            inspectors: inspectors.to_vec(),
            bases: vec![base.clone()],
            findings: vec![],
        };
        let avoided = |inspectors: &[Inspector]| {
            compiled(&roster(inspectors), &[&four, &five]).visits.iter().map(|v| v.avoid.len()).collect::<Vec<_>>()
        };
        assert_eq!(avoided(&inspectors), [0, 0]);
        inspectors[1].recuse.insert(four.code);
        assert_eq!(avoided(&inspectors), [1, 0]);
        inspectors[0].recuse.insert(five.code);
        inspectors[2].expert = false;
        assert_eq!(avoided(&inspectors), [1, 1]);
    }

    #[test]
    fn hours_become_windows() {
        let spans = windows(&[Hours::Afternoon, Hours::Span(32_400, 41_400)], &settings());
        assert_eq!(spans, [(32_400, 41_400), (48_600, 63_000)]);
        assert_eq!(windows(&[Hours::Morning], &settings()), [(30_600, 43_200)]);
    }
}
