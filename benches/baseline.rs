//! What a draw is measured against: the `csv` crate reads the file, `sha2` hashes once per row. Nothing else.
//!
//! `cargo bench --bench baseline -- FILE` prints rows and time; without a file it says so and ends.
#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement that cannot go on has failed")]

use std::time::Instant;

use sha2::{Digest, Sha256};

/// Any salt of the right length: a ticket is SHA-256(salt ‖ code).
const SALT: &[u8; 64] = b"613619982453f75d91840d6baf46d0adfb57b44e8f94e97e95bcf4c25df55bca";

fn main() {
    // Cargo itself adds options such as `--bench`.
    let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with('-')) else {
        return println!("baseline: give the path of a CSV with a header and the credit code in its first column");
    };
    let start = Instant::now();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut lowest) = (0_u64, [0xFF; 32]);
    while reader.read_byte_record(&mut record).unwrap() {
        let ticket: [u8; 32] = Sha256::new().chain_update(SALT).chain_update(&record[0]).finalize().into();
        lowest = lowest.min(ticket);
        rows += 1;
    }
    println!("baseline: {rows} rows of {path} in {:?}; lowest ticket {:02x?}", start.elapsed(), &lowest[..4]);
}
