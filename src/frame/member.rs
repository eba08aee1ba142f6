//! One line of the frame in 20 bytes: ten million applicants are held in 200 MB and sorted where they stand.
//!
//! A code is 18 characters of an alphabet of 31, five bits each; packed from the first character down, the order of the
//! numbers is the order of the codes. Below stand the star, the county's number and a mark.

use super::CreditCode;

/// Bits of the parts of a key from the lowest: must-inspect mark, county, star; the code has the rest.
const COUNTY_AT: u32 = 1;
const STAR_AT: u32 = COUNTY_AT + 32;
const CODE_AT: u32 = STAR_AT + 4;

/// An applicant as the draw needs it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(C, packed(4))]
pub(super) struct Member {
    key: u128,
    row: u32,
}

impl Member {
    /// `star` is one digit; `county` its number in the frame; `row` counts through all tables.
    #[inline]
    pub(super) fn new(code: CreditCode, star: u8, county: u32, must_inspect: bool, row: u32) -> Self {
        let key = code.packed() << CODE_AT
            | u128::from(star) << STAR_AT
            | u128::from(county) << COUNTY_AT
            | u128::from(must_inspect);
        Self { key, row }
    }

    /// Orders by code.
    #[inline]
    pub(super) fn key(self) -> u128 {
        self.key
    }

    #[inline]
    pub(super) fn same_code(self, other: Self) -> bool {
        self.key >> CODE_AT == other.key >> CODE_AT
    }

    #[inline]
    pub(super) fn packed_code(self) -> u128 {
        self.key >> CODE_AT
    }

    #[inline]
    pub(super) fn code(self) -> CreditCode {
        CreditCode::unpacked(self.key >> CODE_AT)
    }

    #[inline]
    pub(super) fn star(self) -> u8 {
        (self.key >> STAR_AT) as u8 & 15
    }

    #[inline]
    pub(super) fn county(self) -> u32 {
        (self.key >> COUNTY_AT) as u32
    }

    #[inline]
    pub(super) fn must_inspect(self) -> bool {
        self.key & 1 == 1
    }

    #[inline]
    pub(super) fn row(self) -> u32 {
        self.row
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} #{} row {}", self.code(), self.star(), self.county(), self.row())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_gives_back_what_was_put_in_and_keeps_the_order_of_codes() {
        let codes = ["91320583MAC1JJUW8D", "91320581MAJHYR102B", "YYYYYYYYYYYYYYYYYY", "000000000000000000"];
        let mut members: Vec<Member> = Vec::new();
        for (n, text) in (0..).zip(codes) {
            let code = CreditCode::parse(text).map_or_else(|_| CreditCode::unpacked(0), |(code, _)| code);
            let member = Member::new(code, 9, u32::MAX - n, n == 1, n);
            assert_eq!((member.code(), member.star(), member.county()), (code, 9, u32::MAX - n));
            assert_eq!((member.must_inspect(), member.row()), (n == 1, n));
            members.push(member);
        }
        members.sort_by_key(|m| m.key());
        assert!(members.windows(2).all(|w| w[0].code() < w[1].code()));
        assert_eq!(size_of::<Member>(), 20);
    }
}
