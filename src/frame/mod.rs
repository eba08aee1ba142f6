//! The frame: everybody who can be drawn, as the draw sees them.
//!
//! Tables → the compact [`Frame`], with a [`Finding`] for everything that was cleaned, doubtful or against the notice.
//! The order of rows, the encoding and the file type leave the frame as it is. What else a row says is read again for
//! those whom the draw names: [`Applicant`]s for the schedule, names for the record.

mod applicant;
mod code;
pub mod eligibility;
mod exclusion;
mod finding;
mod findings;
mod hidden;
mod member;
mod order;
mod read;
mod reread;
mod ways;

use std::collections::BTreeMap;
use std::io;
use std::sync::OnceLock;

pub use applicant::{Applicant, Details, Hours, parse_star};
pub use code::{CodeError, CreditCode, check_character};
pub use exclusion::EXCLUSION_FIELDS;
pub use finding::{Finding, Level, What, star_list};
pub use findings::{Findings, MOST_KEPT};
pub use hidden::hidden_findings;
pub use read::{APPLICANT_FIELDS, CODE_FIELD, Reading, read};
pub use reread::{details, names};
pub use ways::Ways;

use crate::digest::{Hashing, hex};
use crate::table::Place;
use member::Member;

/// The applicants that have not withdrawn, ascending by code, with what was noticed while reading.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Full name of the city.
    pub city: String,
    /// In the order of files and rows.
    pub findings: Findings,
    /// Ascending by code; no code twice unless a fatal finding says so.
    members: Vec<Member>,
    /// Codes that withdrew, ascending.
    withdrawn: Vec<Member>,
    /// Names of counties by their numbers, each once.
    counties: Vec<String>,
    /// Rows of all tables before each table.
    rows_before: Vec<u32>,
    /// SHA-256 of `frame.csv`, once somebody has asked.
    digest: OnceLock<String>,
}

/// One line of the frame.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    member: Member,
    counties: &'a [String],
}

impl<'a> Entry<'a> {
    /// Credit code.
    #[must_use]
    pub fn code(&self) -> CreditCode {
        self.member.code()
    }

    /// The star applied for.
    #[must_use]
    pub fn star(&self) -> u8 {
        self.member.star()
    }

    /// County as it stands in the frame.
    #[must_use]
    pub fn county(&self) -> &'a str {
        &self.counties[self.county_number()]
    }

    /// Its number among [`Frame::counties`].
    #[must_use]
    pub fn county_number(&self) -> usize {
        self.member.county() as usize
    }

    /// Whether it must be inspected whatever the lot says.
    #[must_use]
    pub fn must_inspect(&self) -> bool {
        self.member.must_inspect()
    }
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

/// Some applicants in an order of their own, copied out of the frame: whoever goes through them in that order need not wait
/// for memory at every step.
#[derive(Debug, Clone, Default)]
pub struct LineUp(Vec<Member>);

impl Frame {
    /// The applicants at these positions.
    #[must_use]
    pub fn line_up(&self, count: usize, positions: impl Iterator<Item = usize>) -> LineUp {
        let mut line = Vec::with_capacity(count);
        line.extend(positions.map(|at| self.members[at]));
        LineUp(line)
    }

    /// One of them.
    ///
    /// # Panics
    /// Where there is no such place.
    #[must_use]
    pub fn in_line(&self, line: &LineUp, place: usize) -> Entry<'_> {
        self.entry(line.0[place])
    }

    /// A frame without tables behind it: code, star, county and the must-inspect mark of each applicant, ascending by code.
    #[must_use]
    pub fn of<T: AsRef<str>>(city: &str, applicants: impl IntoIterator<Item = (CreditCode, u8, T, bool)>) -> Self {
        let mut counties = Counties::default();
        let members = applicants
            .into_iter()
            .map(|(code, star, county, must)| Member::new(code, star, counties.number(county.as_ref()), must, 0))
            .collect();
        Self::new(city, members, Vec::new(), counties, Vec::new(), Findings::default())
    }

    fn new(
        city: &str,
        members: Vec<Member>,
        withdrawn: Vec<Member>,
        counties: Counties,
        rows_before: Vec<u32>,
        findings: Findings,
    ) -> Self {
        let digest = OnceLock::new();
        Self { city: city.to_owned(), findings, members, withdrawn, counties: counties.names, rows_before, digest }
    }

    /// Number of applicants.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The applicant at a position.
    ///
    /// # Panics
    /// Where there is no such position.
    #[must_use]
    pub fn at(&self, position: usize) -> Entry<'_> {
        self.entry(self.members[position])
    }

    fn entry(&self, member: Member) -> Entry<'_> {
        Entry { member, counties: &self.counties }
    }

    /// All applicants, ascending by code.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.members.iter().map(|member| self.entry(*member))
    }

    /// Names of the counties that stand in the frame, in no order, each once.
    #[must_use]
    pub fn counties(&self) -> &[String] {
        &self.counties
    }

    /// Position of the applicant with this code.
    #[must_use]
    pub fn position(&self, code: CreditCode) -> Option<usize> {
        find(&self.members, code)
    }

    /// Whether the code has withdrawn.
    #[must_use]
    pub fn has_withdrawn(&self, code: CreditCode) -> bool {
        find(&self.withdrawn, code).is_some()
    }

    /// How many rows have withdrawn.
    #[must_use]
    pub fn withdrawn(&self) -> usize {
        self.withdrawn.len()
    }

    /// Writes `frame.csv`: one line `code,star,county` an applicant, LF, no header, ascending by code bytes. The digest is
    /// taken on the way.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_csv(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut hashing = Hashing::new(out);
        self.write_lines(&mut hashing)?;
        self.digest.get_or_init(|| hex(&hashing.finish()));
        Ok(())
    }

    fn write_lines(&self, out: &mut impl io::Write) -> io::Result<()> {
        let counties: Vec<Vec<u8>> = self.counties.iter().map(|county| csv_cell(county)).collect();
        let mut lines = Vec::with_capacity(BLOCK + 1024);
        for member in &self.members {
            lines.extend_from_slice(member.code().as_bytes());
            lines.extend_from_slice(&[b',', b'0' + member.star(), b',']);
            lines.extend_from_slice(&counties[member.county() as usize]);
            lines.push(b'\n');
            if lines.len() >= BLOCK {
                out.write_all(&lines)?;
                lines.clear();
            }
        }
        out.write_all(&lines)
    }

    /// `frame.csv` in memory.
    ///
    /// # Panics
    /// Never: writing to memory cannot fail.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_csv(&mut out).expect("memory");
        out
    }

    /// SHA-256 of `frame.csv`, 64 lower-case hex digits; costs nothing once that has been written.
    ///
    /// # Panics
    /// Never: hashing cannot fail.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = || {
            let mut hashing = Hashing::new(io::sink());
            self.write_lines(&mut hashing).expect("nothing is written");
            hex(&hashing.finish())
        };
        self.digest.get_or_init(digest).clone()
    }

    /// Number of applicants a star.
    #[must_use]
    pub fn per_star(&self) -> BTreeMap<u8, usize> {
        let mut counts = [0; 16];
        self.members.iter().for_each(|member| counts[usize::from(member.star())] += 1);
        (0..).zip(counts).filter(|(_, n)| *n > 0).collect()
    }
}

/// Bytes written at a time: what fits beside other things into a processor's own memory, where it is hashed, too.
const BLOCK: usize = 256 << 10;

fn find(members: &[Member], code: CreditCode) -> Option<usize> {
    members.binary_search_by_key(&code.packed(), |m| m.packed_code()).ok()
}

/// A cell as the `csv` crate writes it, in quotes where it needs them.
fn csv_cell(text: &str) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    // An empty cell is quoted only where it stands alone in its record.
    writer.write_record(["", text]).expect("memory");
    let mut cell = writer.into_inner().expect("memory");
    cell.pop();
    cell.split_off(1)
}

/// Names of counties, each with its number.
#[derive(Debug, Default)]
struct Counties {
    names: Vec<String>,
    /// Never iterated.
    numbers: std::collections::HashMap<String, u32>,
}

impl Counties {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.names.len() as u32;
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
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
        Frame::of(
            "苏州市",
            applicants.iter().map(|a| (a.code, a.star, a.county.as_str(), a.must_inspect.is_some())),
        )
    }
}
