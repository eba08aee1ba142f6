//! Which characters the bytes of a text table mean.
//!
//! UTF-8 with or without a byte-order mark, UTF-16 with one, else GB18030. What is valid UTF-8 is UTF-8.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

use super::{Content, TableError, unreadable};

/// Bytes of another encoding that are decoded at a time.
const CHUNK: usize = 64 << 10;

/// Encoding of a text, and the length of its byte-order mark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    encoding: &'static Encoding,
    mark: usize,
}

impl Script {
    pub(super) fn name(self) -> &'static str {
        self.encoding.name()
    }
}

/// Tells the encoding. What is not UTF-8 takes one pass to see that all of it can be decoded.
pub(super) fn sniff(name: &str, content: &Content) -> Result<Script, TableError> {
    let script = match Encoding::for_bom(content.head()) {
        Some((encoding, mark)) => Script { encoding, mark },
        None if content.is_utf8() => Script { encoding: UTF_8, mark: 0 },
        None => Script { encoding: GB18030, mark: 0 },
    };
    let nul = if script.encoding == UTF_8 {
        if !content.is_utf8() {
            return Err(bad_encoding(name, content, script));
        }
        content.has_nul()
    } else {
        let mut text = Text::open(content, script).map_err(|e| unreadable(name, &e))?;
        let mut buffer = vec![0; 4 * CHUNK];
        let mut nul = false;
        loop {
            match text.fill(&mut buffer) {
                Ok(0) => break nul,
                Ok(n) => nul |= buffer[..n].contains(&0),
                Err(Fault::Malformed) => return Err(bad_encoding(name, content, script)),
                Err(Fault::Io(error)) => return Err(unreadable(name, &error)),
            }
        }
    };
    if nul { Err(TableError::Binary(name.to_owned())) } else { Ok(script) }
}

/// Why text cannot go on.
#[derive(Debug)]
pub(super) enum Fault {
    /// The system's reason.
    Io(io::Error),
    /// Bytes that the encoding does not know.
    Malformed,
}

/// One pass over a text as UTF-8 bytes, without its byte-order mark.
pub(super) struct Text<'a> {
    source: Box<dyn Read + 'a>,
    /// Of what is not UTF-8: the decoder, undecoded bytes, which of them are left.
    decoding: Option<(Decoder, Vec<u8>, std::ops::Range<usize>)>,
    ended: bool,
}

impl<'a> Text<'a> {
    pub(super) fn open(content: &'a Content, script: Script) -> io::Result<Self> {
        let mut source = content.open()?;
        source.read_exact(&mut [0; 3][..script.mark])?;
        let decoding = (script.encoding != UTF_8)
            .then(|| (script.encoding.new_decoder_without_bom_handling(), vec![0; CHUNK], 0..0));
        Ok(Self { source, decoding, ended: false })
    }

    /// Puts text into `buffer`, which has room for a character at least; 0 at the end. A character may be cut in two only
    /// where the source itself is UTF-8.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let Some((decoder, raw, left)) = &mut self.decoding else {
            return read_some(&mut self.source, buffer).map_err(Fault::Io);
        };
        loop {
            if self.ended {
                return Ok(0);
            }
            if left.start == left.end {
                let n = read_some(&mut self.source, raw).map_err(Fault::Io)?;
                *left = 0..n;
            }
            let last = left.start == left.end;
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(&raw[left.clone()], buffer, last);
            left.start += read;
            match result {
                DecoderResult::Malformed(..) => return Err(Fault::Malformed),
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
    }
}

fn read_some(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Names the row of the first malformed sequence, in another pass.
fn bad_encoding(name: &str, content: &Content, script: Script) -> TableError {
    let row = bad_row(content, script).unwrap_or(1);
    TableError::BadEncoding(name.to_owned(), row)
}

fn bad_row(content: &Content, script: Script) -> io::Result<u32> {
    // UTF-8 with one damaged byte is no GB18030 either; what reads as UTF-8 up to the damage tells the row.
    let (rows, ascii) = readable_rows(content, Script { encoding: UTF_8, mark: script.mark })?;
    if !ascii || script.encoding == UTF_8 {
        return Ok(rows);
    }
    Ok(readable_rows(content, script)?.0)
}

/// The row up to which the text can be decoded, and whether it is ASCII up to there.
fn readable_rows(content: &Content, script: Script) -> io::Result<(u32, bool)> {
    let mut source = content.open()?;
    source.read_exact(&mut [0; 3][..script.mark])?;
    let mut decoder = script.encoding.new_decoder_without_bom_handling();
    let (mut raw, mut text) = (vec![0; CHUNK], vec![0; 4 * CHUNK]);
    let (mut row, mut ascii) = (1_u32, true);
    loop {
        let n = read_some(&mut source, &mut raw)?;
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(&raw[..n], &mut text, n == 0);
        ascii &= text[..written].is_ascii();
        row = row.saturating_add(memchr::memchr_iter(b'\n', &text[..written]).count() as u32);
        if n == 0 || matches!(result, DecoderResult::Malformed(..)) {
            return Ok((row, ascii));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(name: &str, bytes: &[u8]) -> Result<(String, &'static str), TableError> {
        let content = Content::of_bytes(bytes.to_vec());
        let script = sniff(name, &content)?;
        let mut text = Text::open(&content, script).unwrap();
        let (mut out, mut buffer) = (Vec::new(), vec![0; 64]);
        loop {
            match text.fill(&mut buffer).unwrap() {
                0 => return Ok((String::from_utf8(out).unwrap(), script.name())),
                n => out.extend(&buffer[..n]),
            }
        }
    }

    #[test]
    fn each_encoding_is_recognised() {
        let text = "企业名称,㙍𬭎";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), "UTF-8"),
            ([&b"\xFF\xFE"[..], &utf16].concat(), "UTF-16LE"),
            ([&b"\xFE\xFF"[..], &big].concat(), "UTF-16BE"),
            (GB18030.encode(text).0.into_owned(), "gb18030"),
        ] {
            assert_eq!(decode("x", &bytes).unwrap(), (text.to_owned(), name));
        }
    }

    #[test]
    fn texts_longer_than_a_chunk_are_decoded_whole() {
        let text = "企业名称,㙍𬭎\n".repeat(CHUNK / 8);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode("x", &[&b"\xFF\xFE"[..], &utf16].concat()).unwrap().0, text);
        assert_eq!(decode("x", &GB18030.encode(&text).0).unwrap().0, text);
    }

    #[test]
    fn damaged_bytes_name_the_row_and_nul_is_refused() {
        assert_eq!(decode("x", b"a\nb\n\xff\xff"), Err(TableError::BadEncoding("x".into(), 3)));
        let damaged = [&"企业\n名\n称".as_bytes()[..11], &[0xFF, 0xFF]].concat();
        assert_eq!(decode("x", &damaged), Err(TableError::BadEncoding("x".into(), 3)));
        assert_eq!(decode("x", b"a\0b"), Err(TableError::Binary("x".into())));
        assert_eq!(decode("x", b"\xFF\xFEa\0\0\0"), Err(TableError::Binary("x".into())));
    }
}
