//! How long it takes from one site to another.
//!
//! Sources: an estimate from coordinates ([`Estimate`]) or a matrix measured elsewhere ([`Matrix`]). Whatever the source,
//! the result is whole seconds and is written to `travel.csv`, from which everything later takes it.

mod datum;
mod estimate;
mod matrix;
mod reach;

pub use datum::{Datum, Wgs84};
pub use estimate::{Band, Estimate};
pub use matrix::{Matrix, MatrixError};
pub use reach::Reach;
