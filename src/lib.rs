//! hecha (核查): on-site checks by lot — a reproducible sample, a schedule with a proof, a dossier to recompute.
//!
//! Data flows one way: notice, calendar and tables → [`frame`] → [`draw`] → [`compile`] → [`routing`] → [`dossier`];
//! [`verify`] re-derives all of it. Each room knows those before it, never those after.

pub mod assess;
pub mod calendar;
pub mod cli;
pub mod compile;
pub mod county;
pub mod crews;
pub mod digest;
pub mod dossier;
pub mod draw;
pub mod example;
pub mod followup;
pub mod frame;
pub mod inputs;
pub mod notice;
pub mod plan;
pub mod roster;
pub mod routing;
pub mod settings;
pub mod simulate;
pub mod table;
pub mod template;
pub mod text;
pub mod travel;
pub mod verify;
