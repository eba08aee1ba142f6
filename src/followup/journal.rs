//! `journal.jsonl`: what happened after the draw, line after line, each with the SHA-256 of the line before.
//!
//! The first line carries the dossier's fingerprint, so the journal belongs to one plan and no other. Beside it,
//! `journal.head` holds the number of lines and the SHA-256 of the last one: whoever cuts lines off must rewrite it too.
//!
//! What comes next is announced there, in a second line: the number of the line to come, its SHA-256 (`-` until that is
//! known), and the table or revision that it names, which is written before it. So a run that was cut short is told from
//! a line that was changed or taken away. Whoever rewrites both files, announcement included, can be told only by a head
//! that was noted elsewhere; every command prints it.

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};

use super::beside::{may_be_announced, record_path, revision_path};
use crate::digest::sha256_hex;
use crate::draw::FileLine;
use crate::frame::CreditCode;

/// Name of the journal.
pub use crate::dossier::folder::JOURNAL;
/// Name of the file with the journal's head.
pub const HEAD: &str = "journal.head";

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// From 1.
    pub seq: usize,
    /// SHA-256 of the line before, without its line feed; of the first, the dossier's fingerprint.
    pub previous: String,
    /// When it was written.
    pub at: DateTime<FixedOffset>,
    /// Who wrote it.
    pub who: String,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// An enterprise leaves the sample, and the next reserve takes its place.
    Replace {
        /// The enterprise.
        code: CreditCode,
        /// How it leaves.
        kind: Kind,
        /// Why.
        reason: String,
        /// What shows it: name and digest of a file that stays with the bureau.
        evidence: Option<FileLine>,
        /// Who takes its place; nobody where no place became free, or no reserve is left.
        reserve: Option<CreditCode>,
    },
    /// Results of checks.
    Record {
        /// The table they were read from: its name and digest; a copy stands in `records/`.
        file: Option<FileLine>,
        /// The results.
        results: Vec<ResultLine>,
    },
    /// What is left was planned anew.
    Replan {
        /// Number of the revision, from 1.
        revision: u32,
        /// First day planned anew.
        from: NaiveDate,
        /// Inspectors who are away beyond what their list says.
        absent: Vec<Absence>,
        /// Enterprises that cannot receive beyond what their list says.
        unavailable: Vec<Absence>,
        /// Visits that had to stay.
        pinned: Vec<CreditCode>,
        /// Enterprises added to the visits.
        added: Vec<CreditCode>,
        /// Why.
        reason: String,
        /// Fingerprint of the revision's folder.
        fingerprint: String,
    },
}

impl Event {
    /// The table or revision that the event names, which is written before its line.
    #[must_use]
    pub fn beside(&self) -> Option<String> {
        match self {
            Self::Replace { .. } => None,
            Self::Record { file, .. } => file.as_ref().map(record_path),
            Self::Replan { revision, .. } => Some(revision_path(*revision)),
        }
    }
}

/// How an enterprise leaves the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It did not belong to the frame when that was fixed.
    Ineligible,
    /// It belonged to it, and cannot be checked.
    Lost,
}

/// What a check concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// It conforms.
    Pass,
    /// It does not.
    Fail,
    /// It could not be checked that day.
    Unchecked,
}

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultLine {
    /// The enterprise.
    pub code: CreditCode,
    /// The day of the check.
    pub date: NaiveDate,
    /// What it concluded.
    pub conclusion: Conclusion,
    /// What was found.
    pub findings: String,
    /// Ids of the inspectors.
    pub inspectors: Vec<String>,
    /// Why it takes the place of an earlier result that says otherwise.
    pub correction: Option<String>,
}

/// Days on which an inspector or an enterprise is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Inspector's id or credit code.
    pub id: String,
    /// Ascending.
    pub days: Vec<NaiveDate>,
}

/// A journal that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// The dossier's fingerprint.
    pub anchor: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// What the head announces and the journal does not have: a run was cut short.
    pub announced: Option<Announced>,
}

/// A line that was to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The table or revision that it would have named.
    pub beside: Option<String>,
}

/// What is wrong with a journal: the number of the line, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// Cannot be read, or says more than a line may.
    Unreadable(usize),
    /// Does not carry the SHA-256 of the line before: changed, missing or moved.
    Broken(usize),
    /// Lines are missing at the end: how many there are, and how many there should be.
    Short(usize, usize),
    /// The last line is not the one that the head names.
    Head,
    /// The times run backwards.
    Backwards(usize),
}

impl Journal {
    /// A journal without lines.
    #[must_use]
    pub fn empty(anchor: &str) -> Self {
        Self { anchor: anchor.to_owned(), lines: Vec::new(), announced: None }
    }

    /// Reads a journal and its head, and checks the chain.
    ///
    /// # Errors
    /// The first [`Flaw`].
    pub fn read(anchor: &str, journal: &[u8], head: &[u8]) -> Result<Self, Flaw> {
        let mut out = Self::empty(anchor);
        let text = String::from_utf8_lossy(journal);
        let mut previous = anchor.to_owned();
        let mut hashes = vec![previous.clone()];
        for (at, text) in (1..).zip(text.split_terminator('\n')) {
            let line: Line = serde_json::from_str(text).map_err(|_| Flaw::Unreadable(at))?;
            if line.previous != previous || line.seq != at {
                return Err(Flaw::Broken(at));
            }
            if line.text() != text {
                return Err(Flaw::Unreadable(at));
            }
            if out.lines.last().is_some_and(|last| line.at < last.at) {
                return Err(Flaw::Backwards(at));
            }
            previous = sha256_hex(text.as_bytes());
            hashes.push(previous.clone());
            out.lines.push(line);
        }
        if !journal.is_empty() && !journal.ends_with(b"\n") {
            return Err(Flaw::Unreadable(out.lines.len()));
        }
        out.announced = out.announcement(&String::from_utf8_lossy(head), &hashes)?;
        Ok(out)
    }

    /// Holds a head against the SHA-256 of each line, the fingerprint before them; what it announces that is not there.
    fn announcement(&self, head: &str, hashes: &[String]) -> Result<Option<Announced>, Flaw> {
        let n = self.lines.len();
        let mut stated = head.lines().map(|line| {
            let mut parts = line.splitn(3, ' ');
            Some((parts.next()?.parse::<usize>().ok()?, parts.next()?, parts.next()))
        });
        let stands = |(count, digest): (usize, &str)| hashes.get(count).is_some_and(|hash| hash == digest);
        match (stated.next(), stated.next(), stated.next()) {
            (None, ..) if n == 0 => Ok(None),
            (Some(Some((last, ..))), ..) if last > n => Err(Flaw::Short(n, last)),
            (Some(Some((last, digest, None))), None, _) if last == n && stands((last, digest)) => Ok(None),
            (Some(Some((last, digest, None))), Some(Some((next, to_come, beside))), None)
                if stands((last, digest)) && next == last + 1 =>
            {
                if next == n && stands((next, to_come)) {
                    return Ok(None);
                }
                let revisions =
                    self.lines.iter().filter(|line| matches!(line.event, Event::Replan { .. })).count();
                if last != n || !beside.is_none_or(|path| may_be_announced(path, revisions as u32)) {
                    return Err(Flaw::Head);
                }
                Ok(Some(Announced { beside: beside.map(str::to_owned) }))
            }
            _ => Err(Flaw::Head),
        }
    }

    /// SHA-256 of the last line, or the dossier's fingerprint.
    #[must_use]
    pub fn head(&self) -> String {
        self.lines.last().map_or_else(|| self.anchor.clone(), |line| sha256_hex(line.text().as_bytes()))
    }

    /// Adds a line.
    pub fn push(&mut self, at: DateTime<FixedOffset>, who: &str, event: Event) {
        // A clock that was set back must not make the journal run backwards.
        let at = self.lines.last().map_or(at, |last| at.max(last.at));
        let line = Line { seq: self.lines.len() + 1, previous: self.head(), at, who: who.to_owned(), event };
        self.lines.push(line);
        self.announced = None;
    }

    /// `journal.jsonl`.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.lines.iter().map(|line| line.text() + "\n").collect()
    }

    /// `journal.head`.
    #[must_use]
    pub fn to_head(&self) -> String {
        format!("{} {}\n", self.lines.len(), self.head())
    }

    /// `journal.head` while what the next line names is being written.
    #[must_use]
    pub fn to_head_expecting(&self, beside: &str) -> String {
        format!("{}{} - {beside}\n", self.to_head(), self.lines.len() + 1)
    }

    /// `journal.head` while the last line is being written: the head before it, then the new one.
    #[must_use]
    pub fn to_head_announced(&self) -> String {
        let before = self.lines.len().saturating_sub(1);
        let (previous, beside) = match self.lines.last() {
            Some(last) => (last.previous.as_str(), last.event.beside()),
            None => (self.anchor.as_str(), None),
        };
        let beside = beside.map_or_else(String::new, |path| format!(" {path}"));
        format!("{before} {previous}\n{} {}{beside}\n", self.lines.len(), self.head())
    }
}

impl Line {
    /// As it stands in the file, without its line feed.
    fn text(&self) -> String {
        serde_json::to_string(self).expect("string keys")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(n: usize) -> Journal {
        let mut journal = Journal::empty(&"a".repeat(64));
        for k in 0..n {
            let result = ResultLine {
                code: CreditCode::parse("91320583MAC1JJUW8D").unwrap().0,
                date: "2022-03-07".parse().unwrap(),
                conclusion: Conclusion::Pass,
                findings: format!("第{k}次\n"),
                inspectors: vec!["1".into()],
                correction: None,
            };
            let at = DateTime::parse_from_rfc3339("2022-03-07T17:00:00+08:00").unwrap();
            journal.push(at, "张三", Event::Record { file: None, results: vec![result] });
        }
        journal
    }

    fn read(text: &str, head: &str) -> Result<Journal, Flaw> {
        Journal::read(&"a".repeat(64), text.as_bytes(), head.as_bytes())
    }

    #[test]
    fn a_missing_changed_or_moved_line_is_named() {
        let whole = journal(4);
        let (text, head) = (whole.to_text(), whole.to_head());
        assert_eq!(read(&text, &head), Ok(whole.clone()));
        assert_eq!(read("", ""), Ok(journal(0)));
        let announced = whole.to_head_announced();
        assert_eq!(announced, journal(3).to_head() + &head);
        assert_eq!(read(&text, &announced), Ok(whole), "the head was not yet written");
        let cut = |n, beside: Option<&str>| {
            Ok(Journal { announced: Some(Announced { beside: beside.map(str::to_owned) }), ..journal(n) })
        };
        assert_eq!(read(&journal(3).to_text(), &announced), cut(3, None), "nor was the line");
        assert_eq!(read("", &journal(1).to_head_announced()), cut(0, None));
        let table = format!("records/{}.csv", "0".repeat(64));
        for path in [table.as_str(), "revisions/1"] {
            let expecting = journal(3).to_head_expecting(path);
            assert_eq!(read(&journal(3).to_text(), &expecting), cut(3, Some(path)));
            assert_eq!(read(&text, &expecting), Err(Flaw::Head), "another line than was announced");
            assert_eq!(read(&text, &head.replace('\n', &format!(" {path}\n"))), Err(Flaw::Head));
        }
        // What is announced is cleared away: it must be nothing else.
        for path in
            ["revisions/2", "revisions/1/../../inputs", "records/..", "records/x.csv", "inputs", "records", ""]
        {
            assert_eq!(
                read(&journal(3).to_text(), &journal(3).to_head_expecting(path)),
                Err(Flaw::Head),
                "{path}"
            );
        }
        assert_eq!(read(&text, &journal(3).to_head()), Err(Flaw::Head), "an old head was put back");
        assert_eq!(read(&text, ""), Err(Flaw::Head), "the head was taken away");
        assert_eq!(read(&text.replace("第3次", "第9次"), &announced), Err(Flaw::Head));
        let lines: Vec<&str> = text.lines().collect();
        let of = |order: &[usize]| order.iter().fold(String::new(), |text, at| text + lines[*at] + "\n");
        assert_eq!(read(&of(&[0, 2, 3]), &head), Err(Flaw::Broken(2)));
        assert_eq!(read(&of(&[0, 2, 1, 3]), &head), Err(Flaw::Broken(2)));
        assert_eq!(read(&of(&[0, 1, 2]), &head), Err(Flaw::Short(3, 4)));
        assert_eq!(read(&text, &journal(2).to_head()), Err(Flaw::Head));
        assert_eq!(read(&text.replace("第1次", "第9次"), &head), Err(Flaw::Broken(3)));
        assert_eq!(read(&text.replace("第3次", "第9次"), &head), Err(Flaw::Head));
        assert_eq!(read(&text.replacen("\"seq\"", "\"more\":1,\"seq\"", 1), &head), Err(Flaw::Unreadable(1)));
        assert_eq!(read(text.trim_end(), &head), Err(Flaw::Unreadable(4)));
        assert_eq!(Journal::read(&"b".repeat(64), text.as_bytes(), head.as_bytes()), Err(Flaw::Broken(1)));
    }
}
