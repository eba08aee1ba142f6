//! Compound files ([MS-CFB]): the streams of an XLS workbook, with every chain of sectors bounded by the file's size.

use std::collections::BTreeMap;

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
/// Sector numbers from here on have special meanings.
const FIRST_SPECIAL: u32 = 0xFFFF_FFFA;
/// Sectors of the allocation table named in the header.
const DIFAT_IN_HEADER: usize = 109;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;

/// A compound file: its streams by name.
pub(super) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    /// Name → first sector and length.
    streams: BTreeMap<String, (u32, usize)>,
    /// Length below which a stream stands in the mini stream.
    cutoff: usize,
}

/// Little-endian numbers; `None` past the end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// As [`u16_at`], of four bytes.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

impl<'a> Compound<'a> {
    /// Reads header, allocation tables and directory; `None` if they are damaged.
    pub(super) fn open(bytes: &'a [u8]) -> Option<Self> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let mut out = Self {
            bytes,
            sector,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            streams: BTreeMap::new(),
            cutoff: u32_at(bytes, 56)? as usize,
        };
        let most = bytes.len() / sector + 1;
        let mut tables: Vec<u32> = (0..DIFAT_IN_HEADER).map_while(|i| u32_at(bytes, 76 + 4 * i)).collect();
        let mut next = u32_at(bytes, 68)?;
        for _ in 0..most {
            if next >= FIRST_SPECIAL {
                break;
            }
            let mut list = numbers(out.sector(next)?);
            next = list.pop()?;
            tables.extend(list);
        }
        for table in tables.into_iter().filter(|t| *t < FIRST_SPECIAL).take(most) {
            let list = numbers(out.sector(table)?);
            out.fat.extend(list);
        }
        let directory = out.chain(u32_at(bytes, 48)?, usize::MAX)?;
        let mut root = None;
        for entry in directory.chunks_exact(ENTRY) {
            let length = usize::from(u16_at(entry, 64)?).clamp(2, 64) - 2;
            let units: Vec<u16> =
                entry[..length].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
            let place = (u32_at(entry, 116)?, u32_at(entry, 120)? as usize);
            match entry[66] {
                5 if root.is_none() => root = Some(place),
                2 => {
                    out.streams.entry(String::from_utf16_lossy(&units).to_lowercase()).or_insert(place);
                }
                _ => {}
            }
        }
        let (start, length) = root?;
        // A file without small streams has no mini stream.
        out.mini_stream = out.chain(start, length).unwrap_or_default();
        out.mini_fat = numbers(&out.chain(u32_at(bytes, 60)?, usize::MAX).unwrap_or_default());
        Some(out)
    }

    /// Whether there is a stream of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.streams.contains_key(&name.to_lowercase())
    }

    /// The bytes of a stream.
    pub(super) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let (start, length) = *self.streams.get(&name.to_lowercase())?;
        if length >= self.cutoff {
            return self.chain(start, length);
        }
        let mut out = Vec::with_capacity(length);
        let mut at = start;
        while out.len() < length {
            let from = (at as usize).checked_mul(MINI_SECTOR)?;
            let piece = self.mini_stream.get(from..self.mini_stream.len().min(from.checked_add(MINI_SECTOR)?))?;
            out.extend_from_slice(&piece[..piece.len().min(length - out.len())]);
            if piece.is_empty() {
                return None;
            }
            at = *self.mini_fat.get(at as usize).unwrap_or(&END_OF_CHAIN);
        }
        Some(out)
    }

    fn sector(&self, at: u32) -> Option<&'a [u8]> {
        let from = (at as usize).checked_add(1)?.checked_mul(self.sector)?;
        // The last sector may be cut short.
        self.bytes.get(from..self.bytes.len().min(from.checked_add(self.sector)?)).filter(|s| !s.is_empty())
    }

    /// The sectors from `start` on, up to `length` bytes. A chain that bites its own tail ends with the file's size.
    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = start;
        while at < FIRST_SPECIAL && out.len() < length {
            let piece = self.sector(at)?;
            out.extend_from_slice(&piece[..piece.len().min(length - out.len())]);
            if out.len() > self.bytes.len() {
                return None;
            }
            at = *self.fat.get(at as usize)?;
        }
        (length == usize::MAX || out.len() == length).then_some(out)
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
}
