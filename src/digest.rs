//! SHA-256 and hex digits.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// Every byte as two lower-case hex digits.
const DIGITS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut out = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        out[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    out
};

/// Bytes as lower-case hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(2 * bytes.len());
    push_hex(bytes, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Adds bytes as lower-case hex digits to a text.
pub fn push_hex(bytes: &[u8], text: &mut Vec<u8>) {
    let from = text.len();
    text.resize(from + 2 * bytes.len(), 0);
    for (digits, byte) in text[from..].chunks_exact_mut(2).zip(bytes) {
        digits.copy_from_slice(&DIGITS[usize::from(*byte)]);
    }
}

/// SHA-256 of bytes, 64 lower-case hex digits.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// A writer that takes the SHA-256 of what goes through it.
pub struct Hashing<W> {
    out: W,
    hash: Sha256,
}

impl<W: Write> Hashing<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, hash: Sha256::new() }
    }

    /// The digest of everything that was written.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
