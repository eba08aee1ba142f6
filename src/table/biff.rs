//! BIFF8, the records of XLS: bytes → records, texts and numbers. Source: [MS-XLS] chapters 2.1 to 2.5.

use std::borrow::Cow;

use super::compound::u16_at;

/// Record types, [MS-XLS] 2.3.2.
pub(super) mod record {
    pub(in crate::table) const FORMULA: u16 = 0x0006;
    pub(in crate::table) const EOF: u16 = 0x000A;
    pub(in crate::table) const DATE_MODE: u16 = 0x0022;
    pub(in crate::table) const FILE_PASS: u16 = 0x002F;
    pub(in crate::table) const CONTINUE: u16 = 0x003C;
    pub(in crate::table) const COL_INFO: u16 = 0x007D;
    pub(in crate::table) const BOUND_SHEET: u16 = 0x0085;
    pub(in crate::table) const MUL_RK: u16 = 0x00BD;
    pub(in crate::table) const RSTRING: u16 = 0x00D6;
    pub(in crate::table) const XF: u16 = 0x00E0;
    pub(in crate::table) const MERGE_CELLS: u16 = 0x00E5;
    pub(in crate::table) const SST: u16 = 0x00FC;
    pub(in crate::table) const LABEL_SST: u16 = 0x00FD;
    pub(in crate::table) const NUMBER: u16 = 0x0203;
    pub(in crate::table) const LABEL: u16 = 0x0204;
    pub(in crate::table) const BOOL_ERR: u16 = 0x0205;
    pub(in crate::table) const STRING: u16 = 0x0207;
    pub(in crate::table) const ROW: u16 = 0x0208;
    pub(in crate::table) const RK: u16 = 0x027E;
    pub(in crate::table) const FORMAT: u16 = 0x041E;
    pub(in crate::table) const BOF: u16 = 0x0809;
}

/// One record: type, bytes, and the pieces that continue it.
pub(super) struct Record<'s> {
    pub(super) kind: u16,
    pub(super) data: &'s [u8],
    /// The continuations, as they stand behind it.
    pub(super) rest: &'s [u8],
}

/// Records one after another; ends at the end of the stream or where a record is cut short.
pub(super) struct Records<'s>(pub(super) &'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = Record<'s>;

    fn next(&mut self) -> Option<Record<'s>> {
        let kind = u16_at(self.0, 0)?;
        let length = usize::from(u16_at(self.0, 2)?);
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some(Record { kind, data, rest: self.0 })
    }
}

/// The data of a record and of those that continue it, read across their borders.
pub(super) struct Pieces<'s> {
    pub(super) data: &'s [u8],
    pub(super) rest: &'s [u8],
}

impl<'s> Pieces<'s> {
    pub(super) fn of(record: &Record<'s>) -> Self {
        Self { data: record.data, rest: record.rest }
    }

    /// Goes on with the next continuation, if there is one.
    fn turn(&mut self) -> Option<()> {
        let next = Records(self.rest).next().filter(|r| r.kind == record::CONTINUE)?;
        (self.data, self.rest) = (next.data, next.rest);
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        while self.data.is_empty() {
            self.turn()?;
        }
        let (first, rest) = self.data.split_first()?;
        self.data = rest;
        Some(*first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    pub(super) fn skip(&mut self, mut length: usize) -> Option<()> {
        while length > 0 {
            if self.data.is_empty() {
                self.turn()?;
            }
            let step = length.min(self.data.len());
            self.data = &self.data[step..];
            length -= step;
        }
        Some(())
    }

    /// `length` characters; where they go on in another record, a new flag says how wide they are.
    pub(super) fn characters(&mut self, mut length: usize, mut wide: bool) -> Option<String> {
        let mut units: Vec<u16> = Vec::with_capacity(length.min(1 << 15));
        while length > 0 {
            if self.data.is_empty() {
                self.turn()?;
                wide = self.byte()? & 1 == 1;
                continue;
            }
            let width = if wide { 2 } else { 1 };
            let whole = (self.data.len() / width).min(length);
            if whole == 0 {
                return None;
            }
            let (now, later) = self.data.split_at(whole * width);
            if wide {
                units.extend(now.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])));
            } else {
                units.extend(now.iter().map(|b| u16::from(*b)));
            }
            self.data = later;
            length -= whole;
        }
        Some(String::from_utf16_lossy(&units))
    }

    /// A string with its length in two bytes and, where `rich`, runs of format and phonetic text behind it.
    pub(super) fn string(&mut self, rich: bool) -> Option<String> {
        let length = usize::from(self.u16()?);
        let flags = self.byte()?;
        let runs = if rich && flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let phonetic = if rich && flags & 4 != 0 { self.u32()? as usize } else { 0 };
        let text = self.characters(length, flags & 1 == 1)?;
        self.skip(runs * 4)?;
        self.skip(phonetic)?;
        Some(text)
    }
}

pub(super) fn double(data: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(data.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// A number in four bytes: the upper 30 bits of a float or an integer, perhaps in hundredths.
pub(super) fn rk(bits: u32) -> f64 {
    let number = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { number / 100.0 } else { number }
}

/// Whether a number format shows a date or time: it has a letter of one outside quotes, brackets and escapes.
pub(super) fn shows_date(format: &str) -> bool {
    let mut plain = String::new();
    let mut characters = format.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => {
                let _ = characters.find(|c| *c == '"');
            }
            '[' => {
                // [h] is a span of time; [Red] and [$-804] are not.
                let inner: Cow<'_, str> = characters.by_ref().take_while(|c| *c != ']').collect::<String>().into();
                if matches!(inner.to_lowercase().as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss") {
                    return true;
                }
            }
            '\\' | '_' | '*' => {
                characters.next();
            }
            // Only what positive numbers look like counts.
            ';' => break,
            c => plain.push(c.to_ascii_lowercase()),
        }
    }
    plain != "general" && plain.chars().any(|c| matches!(c, 'y' | 'm' | 'd' | 'h' | 's'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_of_dates_are_told_from_those_of_numbers() {
        for date in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]yyyy/m/d;@", "h:mm", "[h]:mm:ss"] {
            assert!(shows_date(date), "{date}");
        }
        for number in ["General", "0.00", "#,##0_);[Red](#,##0)", "\"day\"0", "@", "0\\d", "0;d"] {
            assert!(!shows_date(number), "{number}");
        }
    }

    #[test]
    fn packed_numbers_are_unpacked() {
        let text = |bits| rk(bits).to_string();
        assert_eq!(text(3 << 2 | 2), "3");
        assert_eq!(text(12_345 << 2 | 3), "123.45");
        assert_eq!(text((1.5_f64.to_bits() >> 32) as u32), "1.5");
        assert_eq!(text((-1_i32 << 2).cast_unsigned() | 2), "-1");
    }
}
