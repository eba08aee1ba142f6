//! `sample.json`, the draw record.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;

use serde::{Deserialize, Serialize, Serializer};

use super::{Draw, DrawId, Drawn, Names, Rules, Scope, Seed, Ticket, Tickets};
use crate::digest::push_hex;
use crate::frame::{CreditCode, Exclusion, Frame};

/// The draw record as it is written; values are compared, not layout.
///
/// The two long lists are of any kind: read from a file they are lines in memory, written they are made one after another
/// ([`Selected`], [`Reserves`]), and where only the rest matters they are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleRecord<S = Vec<DrawnLine<'static>>, R = Vec<ReserveLine<'static>>> {
    /// `hecha-draw/1`.
    pub format: String,
    /// Draw id.
    pub draw: String,
    /// Notice id.
    pub notice: String,
    /// City.
    pub city: String,
    /// What was drawn from.
    pub frame: FrameLine,
    /// SHA-256 of `seal.json`, if the draw stands under a seal.
    pub seal: Option<String>,
    /// Differences from the sealed frame and rules, each with its reason.
    pub changes: Vec<ChangeLine>,
    /// Seed as given.
    pub seed: String,
    /// Where the seed comes from.
    pub seed_source: Option<String>,
    /// K, hex.
    pub key: String,
    /// Salt of stream 1, hex.
    pub salt: String,
    /// Rate as given.
    pub rate: String,
    /// Where it holds.
    pub scope: Scope,
    /// Least of every stratum.
    pub minimum: usize,
    /// Σ ⌈rate × N_h⌉.
    pub required: usize,
    /// The strata.
    pub strata: Vec<StratumLine>,
    /// Ordered by county, star, rank; targeted ones last.
    pub selected: S,
    /// In the order of the strata.
    pub reserves: R,
    /// Ascending by code.
    pub excluded: Vec<ExcludedLine>,
}

/// The frame in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameLine {
    /// The tables it was read from.
    pub files: Vec<FileLine>,
    /// Applicants in it.
    pub applicants: usize,
    /// Those that may be drawn.
    pub drawable: usize,
    /// SHA-256 of `frame.csv`.
    pub digest: String,
}

/// A file by name and digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    /// Name without folders.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// A difference from the seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLine {
    /// The enterprise, if it is about one.
    pub code: Option<String>,
    /// What changed.
    pub change: String,
    /// Why.
    pub reason: String,
}

/// A stratum in the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StratumLine {
    /// County under scope `county`.
    pub county: Option<String>,
    /// Star.
    pub star: u8,
    /// N_h.
    pub applicants: usize,
    /// Drawable of them.
    pub drawable: usize,
    /// n_h.
    pub selected: usize,
    /// Reserves listed.
    pub reserves: usize,
    /// n_h / drawable_h, not reduced; null where nobody can be drawn.
    pub inclusion_probability: Option<String>,
    /// Ticket of rank n_h.
    pub cutoff: Option<String>,
}

/// A selected enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnLine<'a> {
    /// Credit code.
    pub code: CreditCode,
    /// Name.
    pub name: Cow<'a, str>,
    /// Star.
    pub star: u8,
    /// County.
    pub county: Cow<'a, str>,
    /// Ticket, hex.
    pub ticket: String,
    /// Rank in the stratum.
    pub rank: usize,
    /// Why it is visited although the lot did not select it.
    pub targeted: Option<Cow<'a, str>>,
}

/// A reserve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveLine<'a> {
    /// Credit code.
    pub code: CreditCode,
    /// Name.
    pub name: Cow<'a, str>,
    /// Star.
    pub star: u8,
    /// County.
    pub county: Cow<'a, str>,
    /// Ticket, hex.
    pub ticket: String,
    /// Rank in the stratum.
    pub rank: usize,
}

/// An excluded enterprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedLine {
    /// Credit code.
    pub code: CreditCode,
    /// The reason on record.
    pub reason: String,
}

/// What a record says beside the draw itself.
#[derive(Debug, Clone, Copy)]
pub struct Heading<'a> {
    /// Draw id.
    pub draw: &'a DrawId,
    /// Seed.
    pub seed: &'a Seed,
    /// Where the seed comes from.
    pub seed_source: Option<&'a str>,
    /// Notice id.
    pub notice: &'a str,
    /// The tables.
    pub files: &'a [FileLine],
}

/// Where the lines of a record come from.
#[derive(Debug, Clone, Copy)]
struct Lines<'a> {
    frame: &'a Frame,
    draw: &'a Draw,
    names: &'a Names,
}

/// The selected and targeted of a draw, made line by line.
#[derive(Debug, Clone, Copy)]
pub struct Selected<'a>(Lines<'a>);

/// The reserves of a draw, made line by line.
#[derive(Debug, Clone, Copy)]
pub struct Reserves<'a>(Lines<'a>);

/// A line before its ticket is written out.
struct Line<'a> {
    code: CreditCode,
    name: &'a str,
    star: u8,
    county: &'a str,
    ticket: Ticket,
    rank: usize,
    targeted: Option<&'a str>,
}

impl<'a> Lines<'a> {
    /// Lines of those who stand in line from `from` on; every one after `lot` is targeted.
    fn lines(self, from: usize, lot: usize) -> impl Iterator<Item = DrawnLine<'a>> {
        self.bare(from, lot).map(|line| DrawnLine {
            code: line.code,
            name: Cow::Borrowed(line.name),
            star: line.star,
            county: Cow::Borrowed(line.county),
            ticket: line.ticket.to_hex(),
            rank: line.rank,
            targeted: line.targeted.map(Cow::Borrowed),
        })
    }

    fn bare(self, from: usize, lot: usize) -> impl Iterator<Item = Line<'a>> {
        let tickets = Tickets::new(&self.draw.salt);
        // The order of the lot is no order in memory: names are fetched a few lines ahead, all at once.
        let fetched = self.draw.in_line().enumerate().skip(from).map(move |(place, drawn): (usize, Drawn)| {
            (place, drawn, self.names.entry(self.frame, place), self.names.name(place))
        });
        Ahead { source: fetched, ready: VecDeque::with_capacity(AHEAD) }.map(move |(place, drawn, entry, name)| {
            let code = entry.code();
            Line {
                code,
                name,
                star: entry.star(),
                county: entry.county(),
                ticket: tickets.of(code),
                rank: drawn.rank as usize,
                targeted: (place >= lot).then(|| self.names.reason(place)),
            }
        })
    }
}

/// Lines fetched ahead.
const AHEAD: usize = 32;

/// An iterator that takes several items at a time from its source.
struct Ahead<I: Iterator> {
    source: I,
    ready: VecDeque<I::Item>,
}

impl<I: Iterator> Iterator for Ahead<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if self.ready.is_empty() {
            self.ready.extend(self.source.by_ref().take(AHEAD));
        }
        self.ready.pop_front()
    }
}

impl<'a> Selected<'a> {
    /// Ordered by county, star, rank; targeted ones last.
    pub fn lines(self) -> impl Iterator<Item = DrawnLine<'a>> {
        let (visited, targeted) = self.0.draw.counts();
        self.0.lines(0, visited - targeted).take(visited)
    }

    fn bare(self) -> impl Iterator<Item = Line<'a>> {
        let (visited, targeted) = self.0.draw.counts();
        self.0.bare(0, visited - targeted).take(visited)
    }
}

impl<'a> Reserves<'a> {
    /// In the order of the strata.
    pub fn lines(self) -> impl Iterator<Item = ReserveLine<'a>> {
        self.0.lines(self.0.draw.counts().0, usize::MAX).map(|line| ReserveLine {
            code: line.code,
            name: line.name,
            star: line.star,
            county: line.county,
            ticket: line.ticket,
            rank: line.rank,
        })
    }
}

impl Serialize for Selected<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines())
    }
}

impl Serialize for Reserves<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.lines())
    }
}

impl SampleRecord<(), ()> {
    /// The record of a draw, without its two long lists and the frame's digest: [`SampleRecord::whole`] puts them in, by
    /// when `frame.csv` may have been written and told it.
    #[must_use]
    pub fn new(heading: Heading<'_>, frame: &Frame, rules: &Rules, exclusions: &[Exclusion], draw: &Draw) -> Self {
        let tickets = Tickets::new(&draw.salt);
        Self {
            format: "hecha-draw/1".to_owned(),
            draw: heading.draw.as_str().to_owned(),
            notice: heading.notice.to_owned(),
            city: frame.city.clone(),
            frame: FrameLine {
                files: heading.files.to_vec(),
                applicants: frame.len(),
                drawable: draw.strata.iter().map(|s| s.stratum.drawable).sum(),
                digest: String::new(),
            },
            seal: None,
            changes: Vec::new(),
            seed: heading.seed.as_str().to_owned(),
            seed_source: heading.seed_source.map(str::to_owned),
            key: draw.key.to_hex(),
            salt: draw.salt.clone(),
            rate: rules.rate.to_string(),
            scope: rules.scope,
            minimum: rules.minimum,
            required: draw.strata.iter().map(|s| s.stratum.required).sum(),
            strata: draw
                .strata
                .iter()
                .map(|s| StratumLine {
                    county: s.stratum.county.clone(),
                    star: s.stratum.star,
                    applicants: s.stratum.applicants,
                    drawable: s.stratum.drawable,
                    selected: s.selected.len(),
                    reserves: s.reserves.len(),
                    inclusion_probability: (s.stratum.drawable > 0)
                        .then(|| format!("{}/{}", s.selected.len(), s.stratum.drawable)),
                    cutoff: s.selected.last().map(|d| tickets.of(frame.at(d.at as usize).code()).to_hex()),
                })
                .collect(),
            selected: (),
            reserves: (),
            excluded: exclusions.iter().map(|e| ExcludedLine { code: e.code, reason: e.reason.clone() }).collect(),
        }
    }

    /// The whole record: this, with the lists of its draw.
    #[must_use]
    pub fn whole<'a>(
        &self,
        frame: &'a Frame,
        draw: &'a Draw,
        names: &'a Names,
    ) -> SampleRecord<Selected<'a>, Reserves<'a>> {
        let lines = Lines { frame, draw, names };
        let mut head = self.clone();
        if head.frame.digest.is_empty() {
            head.frame.digest = frame.digest();
        }
        head.with(Selected(lines), Reserves(lines))
    }
}

impl<S, R> SampleRecord<S, R> {
    /// The same record with other lists.
    fn with<T, U>(self, selected: T, reserves: U) -> SampleRecord<T, U> {
        SampleRecord {
            format: self.format,
            draw: self.draw,
            notice: self.notice,
            city: self.city,
            frame: self.frame,
            seal: self.seal,
            changes: self.changes,
            seed: self.seed,
            seed_source: self.seed_source,
            key: self.key,
            salt: self.salt,
            rate: self.rate,
            scope: self.scope,
            minimum: self.minimum,
            required: self.required,
            strata: self.strata,
            selected,
            reserves,
            excluded: self.excluded,
        }
    }
}

impl SampleRecord<Selected<'_>, Reserves<'_>> {
    /// Writes `sample.json` as [`SampleRecord::write_json`] does, the same bytes in less time: a million lines are put
    /// together by hand, and only what stands around them by the general writer.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_document(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let around = self.clone().with((), ()).to_json();
        // Within a text a line break is written as an escape, so these lines can stand only where they belong.
        let (selected, reserves) = (b"\n  \"selected\": null".as_slice(), b"\n  \"reserves\": null".as_slice());
        let find = |text: &[u8]| memchr::memmem::find(&around, text).ok_or(io::ErrorKind::InvalidData);
        let (first, second) = (find(selected)?, find(reserves)?);
        let null = "null".len();
        let (before, between) = (first + selected.len() - null, second + reserves.len() - null);
        out.write_all(&around[..before])?;
        write_list(out, self.selected.bare(), true)?;
        out.write_all(&around[before + null..between])?;
        let reserves = self.reserves.0;
        write_list(out, reserves.bare(reserves.draw.counts().0, usize::MAX), false)?;
        out.write_all(&around[between + null..])
    }
}

/// Writes lines as the general writer does; those of reserves say nothing of why they would be targeted.
fn write_list<'a>(
    out: &mut dyn io::Write,
    lines: impl Iterator<Item = Line<'a>>,
    selected: bool,
) -> io::Result<()> {
    let mut text = Vec::with_capacity(BLOCK + 1024);
    text.push(b'[');
    let mut any = false;
    for line in lines {
        text.extend_from_slice(if any { b",\n    {\n      \"code\": \"" } else { b"\n    {\n      \"code\": \"" });
        any = true;
        text.extend_from_slice(line.code.as_bytes());
        text.extend_from_slice(b"\",\n      \"name\": ");
        json_text(line.name, &mut text);
        text.extend_from_slice(b",\n      \"star\": ");
        number(usize::from(line.star), &mut text);
        text.extend_from_slice(b",\n      \"county\": ");
        json_text(line.county, &mut text);
        text.extend_from_slice(b",\n      \"ticket\": \"");
        push_hex(&line.ticket.0, &mut text);
        text.extend_from_slice(b"\",\n      \"rank\": ");
        number(line.rank, &mut text);
        if selected {
            text.extend_from_slice(b",\n      \"targeted\": ");
            match line.targeted {
                None => text.extend_from_slice(b"null"),
                Some(why) => json_text(why, &mut text),
            }
        }
        text.extend_from_slice(b"\n    }");
        if text.len() >= BLOCK {
            out.write_all(&text)?;
            text.clear();
        }
    }
    text.extend_from_slice(if any { b"\n  ]" } else { b"]" });
    out.write_all(&text)
}

/// A JSON string.
fn json_text(value: &str, text: &mut Vec<u8>) {
    if value.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        serde_json::to_writer(text, value).expect("memory");
    } else {
        text.push(b'"');
        text.extend_from_slice(value.as_bytes());
        text.push(b'"');
    }
}

/// Decimal digits.
fn number(mut value: usize, text: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break text.extend_from_slice(&digits[at..]);
        }
    }
}

impl<S: Serialize, R: Serialize> SampleRecord<S, R> {
    /// Writes `sample.json`: pretty-printed, with a final line break.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let mut out = io::BufWriter::with_capacity(BLOCK, out);
        serde_json::to_writer_pretty(&mut out, self)?;
        io::Write::write_all(&mut out, b"\n")?;
        io::Write::flush(&mut out)
    }

    /// `sample.json` in memory.
    ///
    /// # Panics
    /// Never: the record has string keys only.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_json(&mut out).expect("string keys, and memory");
        out
    }
}

/// Bytes written at a time: what fits beside other things into a processor's own memory, where it is hashed, too.
const BLOCK: usize = 256 << 10;
