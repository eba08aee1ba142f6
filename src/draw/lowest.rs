//! The lowest tickets of a stratum, in order, out of any number: in the memory of one and a half times as many.
//!
//! A ticket is compared by its first 64 bits, which differ for any two of ten million enterprises but once in 400,000
//! draws; where they do not, both tickets are computed again and compared whole, then the codes. So the order is exact.

use std::cmp::Ordering;

use super::Ticket;

/// The first bits of a ticket, and the position in the frame.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(4))]
struct Offer {
    head: u64,
    at: u32,
}

/// Collects the lowest.
pub(super) struct Lowest<F> {
    wanted: usize,
    offers: Vec<Offer>,
    /// No head above it can be among the lowest any more.
    bar: u64,
    /// The whole ticket at a position.
    ticket: F,
}

impl<F: Fn(u32) -> Ticket> Lowest<F> {
    /// Collects `wanted` of at most `out_of`.
    pub(super) fn new(wanted: usize, out_of: usize, ticket: F) -> Self {
        let room = (wanted + wanted / 2 + 64).min(out_of);
        Self { wanted, offers: Vec::with_capacity(room), bar: u64::MAX, ticket }
    }

    /// Considers the enterprise at a position whose ticket begins with `head`.
    pub(super) fn offer(&mut self, head: u64, at: u32) {
        if self.wanted == 0 || head > self.bar {
            return;
        }
        if self.offers.len() == self.offers.capacity() {
            self.cut();
            if head > self.bar {
                return;
            }
        }
        self.offers.push(Offer { head, at });
    }

    fn cut(&mut self) {
        if self.offers.len() <= self.wanted {
            return;
        }
        let ticket = &self.ticket;
        let (_, last, _) = self.offers.select_nth_unstable_by(self.wanted - 1, |a, b| order(a, b, ticket));
        self.bar = last.head;
        self.offers.truncate(self.wanted);
    }

    /// Their positions, by (ticket, code) ascending.
    pub(super) fn finish(mut self) -> Vec<u32> {
        self.cut();
        let ticket = &self.ticket;
        self.offers.sort_unstable_by(|a, b| order(a, b, ticket));
        self.offers.iter().map(|offer| offer.at).collect()
    }
}

/// Positions ascend with the codes, so (ticket, position) is (ticket, code).
fn order(a: &Offer, b: &Offer, ticket: &impl Fn(u32) -> Ticket) -> Ordering {
    let (a, b) = (*a, *b);
    let heads = { a.head }.cmp(&{ b.head });
    heads.then_with(|| ticket(a.at).cmp(&ticket(b.at))).then_with(|| { a.at }.cmp(&{ b.at }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_agree_are_told_apart_by_the_whole_ticket() {
        let ticket = |at: u32| Ticket::of("", &(at % 400).to_string());
        let mut expected: Vec<u32> = (0..500).collect();
        expected.sort_by_key(|at| (ticket(*at), *at));
        // Heads of two bits: nearly all of them agree.
        for (wanted, bits) in [(0, 2), (1, 2), (99, 2), (100, 0), (500, 2), (499, 64)] {
            let mut lowest = Lowest::new(wanted, 500, ticket);
            for at in 0..500 {
                let head = ticket(at).head();
                lowest.offer(if bits == 64 { head } else { head >> 32 >> (32 - bits) }, at);
            }
            assert_eq!(lowest.finish(), expected[..wanted], "{wanted} {bits}");
        }
    }
}
