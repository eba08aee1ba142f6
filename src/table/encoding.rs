//! Which characters the bytes of a text table mean.
//!
//! UTF-8 with or without a byte-order mark, UTF-16 with one, else GB18030. What is valid UTF-8 is UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::TableError;

/// Decodes `bytes`; the second part of the result is the encoding's name.
pub(super) fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<(Cow<'a, str>, &'static str), TableError> {
    let (encoding, body) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => return checked(name, Cow::Borrowed(text), UTF_8.name()),
            Err(_) => (GB18030, bytes),
        },
    };
    debug_assert!([UTF_8, UTF_16LE, UTF_16BE, GB18030].contains(&encoding));
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => checked(name, text, encoding.name()),
        None => Err(TableError::BadEncoding(name.to_owned(), bad_row(encoding, body))),
    }
}

fn checked<'a>(
    name: &str,
    text: Cow<'a, str>,
    encoding: &'static str,
) -> Result<(Cow<'a, str>, &'static str), TableError> {
    if text.contains('\0') {
        return Err(TableError::Binary(name.to_owned()));
    }
    Ok((text, encoding))
}

/// The row of the first malformed sequence.
fn bad_row(encoding: &'static Encoding, body: &[u8]) -> u32 {
    // UTF-8 with one damaged byte is no GB18030 either; what reads as UTF-8 up to the damage tells the row.
    if let Err(error) = std::str::from_utf8(body)
        && let valid = String::from_utf8_lossy(&body[..error.valid_up_to()])
        && !valid.is_ascii()
    {
        return u32::try_from(valid.matches('\n').count() + 1).unwrap_or(u32::MAX);
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(body.len() + 16);
    let _ = decoder.decode_to_string_without_replacement(body, &mut text, true);
    u32::try_from(text.matches('\n').count() + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let (decoded, encoding) = decode("x", &bytes).unwrap();
            assert_eq!((decoded.as_ref(), encoding), (text, name));
        }
    }

    #[test]
    fn damaged_bytes_name_the_row_and_nul_is_refused() {
        assert_eq!(decode("x", b"a\nb\n\xff\xff"), Err(TableError::BadEncoding("x".into(), 3)));
        let damaged = [&"企业\n名\n称".as_bytes()[..11], &[0xFF, 0xFF]].concat();
        assert_eq!(decode("x", &damaged), Err(TableError::BadEncoding("x".into(), 3)));
        assert_eq!(decode("x", b"a\0b"), Err(TableError::Binary("x".into())));
    }
}
