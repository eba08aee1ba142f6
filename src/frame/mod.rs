//! The frame: everybody who can be drawn, as the draw sees them.
//!
//! Tables → [`Applicant`]s → [`Frame`], with a [`Finding`] for everything that was cleaned, doubtful or against the
//! notice. The order of rows, the encoding and the file type leave the frame as it is.

mod applicant;
mod code;
pub mod eligibility;
mod finding;
mod read;

use std::collections::BTreeMap;

pub use applicant::{Applicant, Hours, parse_star};
pub use code::{CodeError, CreditCode, check_character};
pub use finding::{Finding, Level, What, star_list};
pub use read::{APPLICANT_FIELDS, CODE_FIELD, EXCLUSION_FIELDS, Reading, city_of, hidden_findings, read};

use crate::digest::sha256_hex;
use crate::table::Place;

/// The applicants that have not withdrawn, ascending by code, with what was noticed while reading.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Full name of the city.
    pub city: String,
    /// Ascending by code; no code twice unless a fatal finding says so.
    pub applicants: Vec<Applicant>,
    /// Codes that withdrew, with the reason as written, ascending.
    pub withdrawn: Vec<(CreditCode, String)>,
    /// In the order of files and rows.
    pub findings: Vec<Finding>,
}

/// An enterprise that may not be drawn, for a recorded reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The enterprise.
    pub code: CreditCode,
    /// The reason on record.
    pub reason: String,
    /// Where it stands.
    pub place: Place,
}

impl Frame {
    /// `frame.csv`: one line `code,star,county` a applicant, LF, no header, ascending by code bytes.
    ///
    /// # Panics
    /// Never: writing to memory cannot fail.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        for applicant in &self.applicants {
            let star = [b'0' + applicant.star];
            writer
                .write_record([applicant.code.as_str().as_bytes(), &star, applicant.county.as_bytes()])
                .expect("memory");
        }
        writer.into_inner().expect("memory")
    }

    /// SHA-256 of `frame.csv`, 64 lower-case hex digits.
    #[must_use]
    pub fn digest(&self) -> String {
        sha256_hex(&self.to_csv())
    }

    /// The findings that stop a draw.
    pub fn fatal(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.level == Level::Fatal)
    }

    /// The applicant with this code.
    #[must_use]
    pub fn get(&self, code: CreditCode) -> Option<&Applicant> {
        self.applicants.binary_search_by_key(&code, |a| a.code).ok().map(|at| &self.applicants[at])
    }

    /// Number of applicants a star.
    #[must_use]
    pub fn per_star(&self) -> BTreeMap<u8, usize> {
        let mut out = BTreeMap::new();
        for applicant in &self.applicants {
            *out.entry(applicant.star).or_insert(0) += 1;
        }
        out
    }
}

#[cfg(test)]
pub(crate) mod test_support {
    use super::*;

    /// An applicant of whom only code, star and county are known.
    pub(crate) fn applicant(code: &str, star: u8, county: &str) -> Applicant {
        let place = Place { file: "test".into(), sheet: None, row: 0, column: None };
        let mut applicant = Applicant::bare(CreditCode::parse(code).unwrap().0, star, county, place);
        applicant.name = format!("企业{code}");
        applicant
    }

    /// A frame of such applicants.
    pub(crate) fn frame(mut applicants: Vec<Applicant>) -> Frame {
        applicants.sort_by_key(|a| a.code);
        Frame { city: "苏州市".into(), applicants, withdrawn: Vec::new(), findings: Vec::new() }
    }
}
