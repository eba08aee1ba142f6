//! `[simulate]` of `plan.toml`.

use serde::Deserialize;

use super::{PlanFile, SettingsError, value};
use crate::draw::Rate;
use crate::simulate::{DEFAULT_RUNS, MAX_RUNS, Rates};

/// `[simulate]`; what is left out is as in [`Rates::default`].
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimulateFile {
    /// Runs.
    pub runs: Option<u32>,
    /// Chance that a visit takes longer, a decimal with %; so are the other shares.
    pub overrun: Option<String>,
    /// By how much at most, minutes.
    pub overrun_minutes: Option<u32>,
    /// By which share of its time a drive may take longer or shorter.
    pub travel_noise: Option<String>,
    /// Chance that a team cannot go out on a day.
    pub absence: Option<String>,
    /// Chance that an enterprise withdraws before its visit.
    pub withdrawal: Option<String>,
}

impl PlanFile {
    /// `[simulate]`: rates and number of runs.
    ///
    /// # Errors
    /// [`SettingsError`] with the field.
    pub fn simulation(&self) -> Result<(Rates, u32), SettingsError> {
        let file = &self.simulate;
        let usual = Rates::default();
        let share = |field: &str, text: Option<&String>, otherwise: u32| match text {
            None => Ok(otherwise),
            Some(text) => Rate::parse(text)
                .map(|rate| rate.millionths())
                .map_err(|_| value(field, text, "0%至100%的小数加百分号，如5%", "a decimal with %, such as 5%")),
        };
        let overrun_by = match file.overrun_minutes {
            None => usual.overrun_by,
            Some(minutes @ 0..=1440) => i64::from(minutes) * 60,
            Some(more) => return Err(value("simulate.overrun_minutes", more, "0至1440分钟", "0 to 1440 minutes")),
        };
        let runs = file.runs.unwrap_or(DEFAULT_RUNS);
        if !(1..=MAX_RUNS).contains(&runs) {
            return Err(value("simulate.runs", runs, "1至1000000次", "1 to 1000000 runs"));
        }
        let rates = Rates {
            overrun: share("simulate.overrun", file.overrun.as_ref(), usual.overrun)?,
            overrun_by,
            travel: share("simulate.travel_noise", file.travel_noise.as_ref(), usual.travel)?,
            absence: share("simulate.absence", file.absence.as_ref(), usual.absence)?,
            withdrawal: share("simulate.withdrawal", file.withdrawal.as_ref(), usual.withdrawal)?,
        };
        Ok((rates, runs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simulation(table: &str) -> Result<(Rates, u32), SettingsError> {
        let text = format!("notice = \"x\"\napplicants = \"a.csv\"\n[simulate]\n{table}");
        PlanFile::parse(&text)?.simulation()
    }

    #[test]
    fn what_a_simulation_assumes_is_read_or_refused_with_its_field() {
        assert_eq!(simulation(""), Ok((Rates::default(), DEFAULT_RUNS)));
        let all = "runs = 50\noverrun = \"12.5%\"\noverrun_minutes = 45\ntravel_noise = \"0%\"\n\
                   absence = \"100%\"\nwithdrawal = \"0.0001%\"";
        let rates = Rates { overrun: 125_000, overrun_by: 2700, travel: 0, absence: 1_000_000, withdrawal: 1 };
        assert_eq!(simulation(all), Ok((rates, 50)));
        for (table, field) in [
            ("runs = 0", "simulate.runs"),
            ("overrun = \"101%\"", "simulate.overrun"),
            ("overrun_minutes = 1441", "simulate.overrun_minutes"),
            ("travel_noise = \"0.2\"", "simulate.travel_noise"),
            ("absence = \"-1%\"", "simulate.absence"),
            ("withdrawal = \"\"", "simulate.withdrawal"),
        ] {
            let refused = simulation(table);
            assert!(matches!(&refused, Err(SettingsError::Value(found, ..)) if found == field), "{refused:?}");
        }
        assert!(matches!(simulation("overruns = 1"), Err(SettingsError::Malformed { row: 4, .. })));
    }
}
