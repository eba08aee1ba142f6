//! The draw, `hecha-draw/1`: recomputable by anyone, for ever, with common tools (contract, section 4).
//!
//! Seed and draw id → key → salt; each enterprise's ticket is SHA-256(salt ‖ code); within a stratum the lowest tickets
//! are selected. Tickets are permanent random numbers (Ohlsson 1995, "Coordination of samples using permanent random
//! numbers"): adding or removing an applicant changes nobody else's ticket.

mod changes;
pub mod coverage;
mod lowest;
mod names;
mod rate;
mod record;
pub mod seal;
mod seed;
mod strata;
pub mod stream;

use serde::{Deserialize, Serialize};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

pub use names::Names;
pub use rate::{Rate, RateError};
pub use record::{
    ChangeLine, DrawnLine, ExcludedLine, FileLine, FrameLine, Heading, ReserveLine, Reserves, SampleRecord,
    Selected, StratumLine,
};
pub use seed::{DrawId, Seed, SeedError};
pub use strata::{Stratum, reserves, size};

use crate::digest::hex;
use crate::frame::{CreditCode, Entry, Exclusion, Frame, LineUp};
use crate::text::{Lang, Say, both, display_in_english};
use lowest::Lowest;
use strata::Strata;

/// Where rate and coverage must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// In the city as a whole: strata are the stars.
    City,
    /// In every county: strata are county × star.
    County,
}

/// The rules of sampling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Share of each stratum's applicants to check.
    pub rate: Rate,
    /// Where it must hold.
    pub scope: Scope,
    /// At least so many of every stratum.
    pub minimum: usize,
    /// Share of each stratum's selected that is listed as reserves.
    pub reserves: Rate,
}

/// One applicant in the order of the lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Position in the frame.
    pub at: u32,
    /// Rank in its stratum, from 1.
    pub rank: u32,
}

/// SHA-256(salt of stream 1 as 64 hex characters ‖ code).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket([u8; 32]);

impl std::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl Ticket {
    /// The ticket of a code under a salt of 64 hex characters.
    #[must_use]
    pub fn new(salt: &str, code: CreditCode) -> Self {
        Self::of(salt, code.as_str())
    }

    /// SHA-256 of salt and text.
    #[must_use]
    pub fn of(salt: &str, text: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt.as_bytes());
        hash.update(text.as_bytes());
        Self(hash.finalize().into())
    }

    /// The first 64 bits, which order as the tickets do as far as they differ.
    fn head(self) -> u64 {
        self.0.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// 64 lower-case hex digits, ordered as the bytes are.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

/// Makes tickets under one salt, two and a half times as fast as [`Ticket::new`].
///
/// The salt fills the first of two blocks of SHA-256 exactly, so it is hashed once for all; in the second block only the
/// code changes from ticket to ticket (FIPS 180-4, sections 5.1.1, 5.3.3 and 6.2).
#[derive(Debug, Clone)]
pub struct Tickets {
    /// The state after the salt.
    state: [u32; 8],
    /// The second block: 18 characters of a code, the padding, the length of salt and code in bits.
    block: [u8; 64],
}

impl Tickets {
    /// The state before the first block.
    const INITIAL: [u32; 8] =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    /// Length of a salt and of a code.
    const SALT: usize = 64;
    const CODE: usize = 18;

    /// Tickets under a salt of 64 hex characters.
    ///
    /// # Panics
    /// Where the salt has another length.
    #[must_use]
    pub fn new(salt: &str) -> Self {
        let first = <[u8; Self::SALT]>::try_from(salt.as_bytes()).expect("a salt has 64 characters");
        let mut state = Self::INITIAL;
        compress256(&mut state, &[first]);
        let mut block = [0; 64];
        block[Self::CODE] = 0x80;
        block[56..].copy_from_slice(&(8 * (Self::SALT + Self::CODE) as u64).to_be_bytes());
        Self { state, block }
    }

    fn hash(&self, code: CreditCode) -> [u32; 8] {
        let (mut state, mut block) = (self.state, self.block);
        block[..Self::CODE].copy_from_slice(code.as_bytes());
        compress256(&mut state, &[block]);
        state
    }

    /// The first 64 bits of the ticket of a code.
    fn head(&self, code: CreditCode) -> u64 {
        let [first, second, ..] = self.hash(code);
        u64::from(first) << 32 | u64::from(second)
    }

    /// The ticket of a code.
    #[must_use]
    pub fn of(&self, code: CreditCode) -> Ticket {
        let mut ticket = [0; 32];
        for (bytes, word) in ticket.chunks_exact_mut(4).zip(self.hash(code)) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        Ticket(ticket)
    }
}

/// What was drawn from one stratum.
#[derive(Debug, Clone)]
pub struct StratumDraw {
    /// The stratum.
    pub stratum: Stratum,
    /// Ranks 1 to n_h.
    pub selected: Vec<Drawn>,
    /// The next ranks.
    pub reserves: Vec<Drawn>,
    /// Must-inspect enterprises that the lot did not select; they keep their rank.
    pub targeted: Vec<Drawn>,
}

/// A whole draw.
#[derive(Debug, Clone)]
pub struct Draw {
    /// K.
    pub key: stream::Key,
    /// Salt of stream 1.
    pub salt: String,
    /// In the order of the record.
    pub strata: Vec<StratumDraw>,
}

/// Why a draw is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrawError {
    /// Too many are excluded to reach the rate.
    TooFewDrawable {
        /// County under scope `county`.
        county: Option<String>,
        /// Star.
        star: u8,
        /// Drawable applicants of the stratum.
        drawable: usize,
        /// Needed by the rate.
        required: usize,
    },
    /// Both must-inspect and excluded.
    MustAndExcluded(CreditCode),
    /// Nobody to draw from.
    NoApplicants,
}

impl Say for DrawError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::TooFewDrawable { county, star, drawable, required } => {
                let county = county.as_deref().unwrap_or("");
                both!(
                    lang,
                    "{county}{star}星可抽取{drawable}家，不足按比例应查的{required}家；请减少排除名单",
                    "{star} stars {county}: {drawable} can be drawn but the rate needs {required}; exclude fewer"
                )
            }
            Self::MustAndExcluded(code) => both!(
                lang,
                "{code}既列为必查又被排除；请更正其中之一",
                "{code} is both must-inspect and excluded; correct one of them"
            ),
            Self::NoApplicants => {
                both!(lang, "没有可供抽取的申报企业", "there are no applicants to draw from")
            }
        }
    }
}
display_in_english!(DrawError);
impl std::error::Error for DrawError {}

/// Draws the sample. `stars` are those of the notice, ascending.
///
/// Within a stratum the order is (ticket, code) ascending; all subsets of n_h drawable applicants are equally likely,
/// so each has inclusion probability n_h / drawable_h.
///
/// # Errors
/// [`DrawError`].
pub fn draw(
    frame: &Frame,
    stars: &[u8],
    rules: &Rules,
    exclusions: &[Exclusion],
    key: stream::Key,
) -> Result<Draw, DrawError> {
    if frame.is_empty() {
        return Err(DrawError::NoApplicants);
    }
    // Both ascend by code; an exclusion that the frame does not have is of no account.
    let mut excluded: Vec<CreditCode> = exclusions.iter().map(|e| e.code).collect();
    excluded.sort_unstable();
    let is_excluded = |entry: &Entry<'_>| !excluded.is_empty() && excluded.binary_search(&entry.code()).is_ok();
    let must: Vec<(u32, Entry<'_>)> = (0..).zip(frame.iter()).filter(|(_, entry)| entry.must_inspect()).collect();
    if let Some((_, both)) = must.iter().find(|(_, entry)| is_excluded(entry)) {
        return Err(DrawError::MustAndExcluded(both.code()));
    }
    let strata = Strata::new(frame, stars, rules, |entry| !is_excluded(entry))?;
    let salt = key.salt(stream::SAMPLE);
    let tickets = Tickets::new(&salt);
    let at = |position: u32| tickets.of(frame.at(position as usize).code());
    let mut lines: Vec<_> = strata
        .list
        .iter()
        .map(|s| {
            let wanted = s.size + reserves(&rules.reserves, s.size, s.drawable);
            (Lowest::new(wanted, s.drawable, at), Ranks::default())
        })
        .collect();
    for (position, entry) in must {
        lines[strata.of(&entry)].1.follow(tickets.of(entry.code()), position);
    }
    for (_, ranks) in &mut lines {
        ranks.ready();
    }
    for (position, entry) in (0..).zip(frame.iter()).filter(|(_, entry)| !is_excluded(entry)) {
        let (lowest, ranks) = &mut lines[strata.of(&entry)];
        if ranks.followed.is_empty() {
            lowest.offer(tickets.head(entry.code()), position);
        } else {
            let ticket = tickets.of(entry.code());
            lowest.offer(ticket.head(), position);
            ranks.pass(ticket, position);
        }
    }
    let strata = strata
        .list
        .into_iter()
        .zip(lines)
        .map(|(stratum, (lowest, ranks))| {
            let mut selected: Vec<Drawn> =
                lowest.finish().into_iter().zip(1..).map(|(at, rank)| Drawn { at, rank }).collect();
            let reserves = selected.split_off(stratum.size);
            let mut targeted = ranks.finish();
            targeted.retain(|drawn| drawn.rank as usize > stratum.size);
            StratumDraw { stratum, selected, reserves, targeted }
        })
        .collect();
    Ok(Draw { key, salt, strata })
}

/// Finds the rank of each of a few tickets among all of a stratum.
#[derive(Debug, Default)]
struct Ranks {
    /// By (ticket, code) ascending once all are there.
    followed: Vec<(Ticket, u32)>,
    /// How many tickets lie below each, but not below the one before; then those above all.
    below: Vec<u32>,
}

impl Ranks {
    fn follow(&mut self, ticket: Ticket, position: u32) {
        self.followed.push((ticket, position));
    }

    fn ready(&mut self) {
        self.followed.sort_unstable();
        self.below = vec![0; self.followed.len() + 1];
    }

    fn pass(&mut self, ticket: Ticket, position: u32) {
        self.below[self.followed.partition_point(|followed| *followed <= (ticket, position))] += 1;
    }

    fn finish(self) -> Vec<Drawn> {
        let mut rank = 1;
        self.followed
            .iter()
            .zip(self.below)
            .map(|((_, at), below)| {
                rank += below;
                Drawn { at: *at, rank }
            })
            .collect()
    }
}

impl Draw {
    /// Positions in the frame of everybody to be visited: selected by lot, then targeted; each in the order of the strata.
    #[must_use]
    pub fn visited(&self) -> Vec<usize> {
        let selected = self.strata.iter().flat_map(|s| &s.selected);
        selected.chain(self.strata.iter().flat_map(|s| &s.targeted)).map(|d| d.at as usize).collect()
    }

    /// Everybody whom the record names, in its order: selected, targeted, reserves; some targeted ones are reserves, too.
    pub fn in_line(&self) -> impl Iterator<Item = Drawn> {
        let selected = self.strata.iter().flat_map(|s| &s.selected);
        let targeted = self.strata.iter().flat_map(|s| &s.targeted);
        selected.chain(targeted).chain(self.strata.iter().flat_map(|s| &s.reserves)).copied()
    }

    /// The same out of the frame.
    #[must_use]
    pub fn line_up(&self, frame: &Frame) -> LineUp {
        frame.line_up(self.in_line().count(), self.in_line().map(|drawn| drawn.at as usize))
    }

    /// How many are to be visited, and how many of them are targeted.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let selected: usize = self.strata.iter().map(|s| s.selected.len()).sum();
        let targeted: usize = self.strata.iter().map(|s| s.targeted.len()).sum();
        (selected + targeted, targeted)
    }
}

#[cfg(test)]
mod tests;
