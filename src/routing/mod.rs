//! Which team visits whom on which day, at least cost — and whether a schedule is what it claims.
//!
//! This room knows no enterprise, star or notice: `problem.json` in, `schedule.json` out (contract, sections 6 and 7).
//! Begin with [`solve`]; [`check`] and [`proof`] judge what it makes, with timing and pricing of their own.
//!
//! Units are the same everywhere: whole seconds for times and travel, whole cost units for money, indices for days,
//! teams and visits in the order of the file.

pub mod certificate;
pub mod check;
mod columns;
mod dice;
mod json;
pub mod placement;
pub mod problem;
pub mod proof;
mod route;
pub mod schedule;
mod search;
mod slots;
pub mod solve;
pub mod yardstick;

/// Seconds, of a day or of travel.
pub type Seconds = i64;
/// Cost units; with team_day in seconds' worth and travel 1, a unit is a second.
pub type Cost = i64;
