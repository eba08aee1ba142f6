//! After the plan: what happened, where things stand, and the rest planned anew.
//!
//! A dossier is never edited. Events are appended to a journal; a new plan for what is left is a numbered revision in a
//! folder of its own; everything else follows from the draw and the journal, so that `verify` can replay it.

pub mod ahead;
pub mod beside;
pub mod journal;
mod listing;
pub mod opened;
pub mod remarks;
pub mod results;
pub mod revise;
pub mod state;
