//! The ZIP archive of a workbook (XLSX, ODS), measured before anything reads it.
//!
//! A few megabytes can unpack to many gigabytes, and what the archive says about its own sizes can lie. So every part is
//! unpacked once to nowhere, counting; a part above the limits, an XML token of unusual length or a document type
//! definition ends the reading. The same pass sees every tag, which is how hidden rows and counts of strings are found.
//!
//! Limits: a sheet of 200,000 rows and 20 columns unpacks to some 220 MB of XML in XLSX and 470 MB in ODS, with 24 million
//! tags.

use std::borrow::Cow;
use std::io::{BufReader, Cursor, Read};

use memchr::{memchr, memchr3, memmem};
use quick_xml::events::BytesStart;
use zip::ZipArchive;
use zip::read::ZipFile;

use super::fault::Many;
use super::{Fault, TableError};

/// Most bytes one part may unpack to.
pub(super) const MAX_PART: u64 = 1 << 30;
/// Most bytes that are unpacked in one workbook, a part that is read twice counting twice.
const MAX_UNPACKED: u64 = 3 << 29;
/// Most tags in one workbook; small ones take more time than their bytes tell.
const MAX_TAGS: u64 = 80_000_000;
/// Most parts.
const MAX_PARTS: usize = 20_000;
/// Longest XML token (a tag or the text between two): a cell of 32,767 characters with every one escaped.
pub(super) const MAX_TOKEN: usize = 512 << 10;
/// Bytes of a tag that are looked at.
const TAG_HEAD: usize = 512;

/// A reader of one part.
pub(super) type Part<'p, 'a> = BufReader<ZipFile<'p, Cursor<&'a [u8]>>>;

/// An archive of limited size.
pub(super) struct Archive<'a> {
    file: &'a str,
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes and tags that may still be unpacked.
    bytes_left: u64,
    tags_left: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(file: &'a str, bytes: &'a [u8]) -> Result<Self, TableError> {
        // The directory is read whole: it is counted before.
        if memmem::find_iter(bytes, b"PK\x01\x02").take(MAX_PARTS + 1).count() > MAX_PARTS {
            return Err(TableError::BadWorkbook(file.to_owned(), Fault::TooMany(Many::Parts, MAX_PARTS)));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| damaged(file, "ZIP", &e))?;
        Ok(Self { file, zip, bytes_left: MAX_UNPACKED, tags_left: MAX_TAGS })
    }

    /// The names of all parts.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.zip.file_names().filter_map(|name| name.ok().map(|n| n.to_string()))
    }

    /// The name of a part as the archive writes it; some programs use other case or backslashes.
    pub(super) fn find(&self, name: &str) -> Option<String> {
        let plain = |name: &str| name.replace('\\', "/").to_ascii_lowercase();
        let wanted = plain(name);
        self.names().filter(|n| plain(n) == wanted).last()
    }

    /// What an OpenDocument file says it is, in its part `mimetype`.
    pub(super) fn kind_of_document(&mut self) -> Result<String, TableError> {
        let file = self.file;
        let mut out = Vec::new();
        let part = self.part("mimetype")?;
        part.take(200).read_to_end(&mut out).map_err(|e| damaged(file, "mimetype", &e))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// A part by its name.
    pub(super) fn part(&mut self, name: &str) -> Result<Part<'_, 'a>, TableError> {
        match self.zip.by_name(name) {
            Ok(part) => Ok(BufReader::with_capacity(64 << 10, part)),
            Err(error) => Err(damaged(self.file, name, &error)),
        }
    }

    /// Unpacks an XML part to nowhere, within limits, and shows every tag to `seen`.
    pub(super) fn measure(
        &mut self,
        name: &str,
        limits: Limits,
        mut seen: impl FnMut(Tag<'_>) -> Result<(), Fault>,
    ) -> Result<(), TableError> {
        let (bytes_left, mut tags_left) = (self.bytes_left, self.tags_left);
        let mut part = self.zip.by_name(name).map_err(|e| damaged(self.file, name, &e))?;
        let size = limits.size.min(bytes_left);
        let measured = measure_part(&mut part, name, Limits { size, ..limits }, |tag| {
            tags_left = tags_left.checked_sub(1).ok_or(Fault::TooMany(Many::Tags, MAX_TAGS as usize))?;
            seen(tag)
        });
        drop(part);
        let size = measured.map_err(|fault| {
            // What is left over of the whole is no limit that means anything to a reader.
            let fault = match fault {
                Fault::Unpacks(name, _) if size < limits.size => Fault::Unpacks(name, MAX_UNPACKED >> 20),
                other => other,
            };
            TableError::BadWorkbook(self.file.to_owned(), fault)
        })?;
        self.bytes_left = bytes_left - size;
        self.tags_left = tags_left;
        Ok(())
    }
}

/// Limits of one part, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Unpacked.
    pub(super) size: u64,
    /// One token.
    pub(super) token: usize,
}

impl Limits {
    /// Of a part that holds cells.
    pub(super) const CELLS: Self = Self { size: MAX_PART, token: MAX_TOKEN };
    /// Of a part that holds names and relations.
    pub(super) const SMALL: Self = Self { size: 16 << 20, token: MAX_TOKEN };
}

/// What a library says about damage in a part.
pub(super) fn damaged(file: &str, part: &str, error: &dyn std::fmt::Display) -> TableError {
    TableError::BadWorkbook(file.to_owned(), Fault::Damaged(part.to_owned(), error.to_string()))
}

/// An attribute by its full name, or by its name without prefix.
pub(super) fn attribute(element: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = element
        .attributes()
        .with_checks(false)
        .filter_map(Result::ok)
        .find(|a| a.key.as_ref() == key || a.key.local_name().as_ref() == key)?;
    quick_xml::escape::unescape(&found.value).ok().map(Cow::into_owned)
}

/// The first bytes of a start or end tag, without its angle brackets, and how many bytes that are no tag stand before it.
#[derive(Clone, Copy)]
pub(super) struct Tag<'t>(&'t [u8], usize);

impl<'t> Tag<'t> {
    /// The name of a start tag without its prefix; an end tag's begins with a slash.
    pub(super) fn name(self) -> &'t [u8] {
        let end = self.0.iter().position(u8::is_ascii_whitespace).unwrap_or(self.0.len());
        let name = self.0[..end].strip_suffix(b"/").unwrap_or(&self.0[..end]);
        if name.starts_with(b"/") {
            return name;
        }
        name.iter().position(|b| *b == b':').map_or(name, |at| &name[at + 1..])
    }

    /// The name of an end tag without its prefix.
    pub(super) fn ends(self) -> Option<&'t [u8]> {
        let name = self.0.strip_prefix(b"/")?.trim_ascii_end();
        Some(name.iter().position(|b| *b == b':').map_or(name, |at| &name[at + 1..]))
    }

    /// Whether anything stands between the tag before and this one.
    pub(super) fn follows_text(self) -> bool {
        self.1 > 0
    }

    /// Whether nothing of the tag was left out.
    pub(super) fn whole(self) -> bool {
        self.0.len() < TAG_HEAD
    }

    /// The value of an attribute by its full name.
    pub(super) fn attribute(self, key: &str) -> Option<&'t [u8]> {
        self.values(key).next()
    }

    /// The values of an attribute that stands there several times, as in no proper tag.
    pub(super) fn values(self, key: &str) -> impl Iterator<Item = &'t [u8]> {
        memmem::find_iter(self.0, key).map(|at| (at, at + key.len())).collect::<Vec<_>>().into_iter().filter_map(
            move |(from, to)| {
                self.0[..from].last().filter(|b| b.is_ascii_whitespace())?;
                let value = self.0[to..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
                let quote = *value.first().filter(|q| matches!(q, b'"' | b'\''))?;
                let end = memchr(quote, &value[1..])?;
                Some(&value[1..=end])
            },
        )
    }
}

/// Unpacks one part to nowhere; the result is its size.
fn measure_part(
    part: &mut impl Read,
    name: &str,
    limits: Limits,
    seen: impl FnMut(Tag<'_>) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let mut tokens = Tokens::new(name, limits.token, seen);
    let mut buffer = vec![0_u8; 128 << 10];
    let mut size = 0;
    loop {
        let read = match part.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Fault::Damaged(name.to_owned(), error.to_string())),
        };
        // What stands in another encoding could hide from the tokens; no spreadsheet program writes it.
        if size == 0 && !is_utf8(&buffer[..read]) {
            return Err(Fault::Damaged(name.to_owned(), "encoding".to_owned()));
        }
        size += read as u64;
        if size > limits.size {
            return Err(Fault::Unpacks(name.to_owned(), limits.size >> 20));
        }
        tokens.eat(&buffer[..read])?;
    }
}

/// Whether an XML part calls itself UTF-8 or nothing.
fn is_utf8(head: &[u8]) -> bool {
    if head[..head.len().min(4)].contains(&0) || head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        return false;
    }
    let declaration = head.split(|b| *b == b'>').next().unwrap_or(head);
    let declaration = declaration[..declaration.len().min(TAG_HEAD)].to_ascii_lowercase();
    let declares = declaration.contains(&b'?') && memmem::find(&declaration, b"encoding").is_some();
    !declares || memmem::find(&declaration, b"utf-8").is_some()
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Text,
    Tag,
    Quoted(u8),
    /// Until `-->`, `]]>` or `?>`.
    Until(&'static [u8]),
}

/// Beginnings and ends of what is no tag.
const SPECIAL: [(&[u8], &[u8]); 3] = [(b"!--", b"-->"), (b"![CDATA[", b"]]>"), (b"?", b"?>")];

/// Splits XML into tokens without keeping them.
struct Tokens<'n, F> {
    seen: F,
    name: &'n str,
    limit: usize,
    state: State,
    /// Length of the token so far.
    length: usize,
    /// The first bytes of a tag.
    head: Vec<u8>,
    /// The last three bytes.
    tail: [u8; 3],
    /// Bytes since the last tag.
    between: usize,
}

impl<'n, F: FnMut(Tag<'_>) -> Result<(), Fault>> Tokens<'n, F> {
    fn new(name: &'n str, limit: usize, seen: F) -> Self {
        let head = Vec::with_capacity(TAG_HEAD);
        Self { seen, name, limit, state: State::Text, length: 0, head, tail: [0; 3], between: 0 }
    }

    fn eat(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            let found = match self.state {
                State::Text => memchr(b'<', bytes),
                State::Tag => memchr3(b'>', b'"', b'\'', bytes),
                State::Quoted(quote) => memchr(quote, bytes),
                State::Until(_) => memchr(b'>', bytes),
            };
            let taken = found.map_or(bytes.len(), |at| at + 1);
            self.keep(&bytes[..taken]);
            self.length += taken;
            if self.length > self.limit {
                return Err(Fault::LongToken(self.name.to_owned()));
            }
            if found.is_some() {
                self.turn(bytes[taken - 1])?;
            }
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    fn keep(&mut self, bytes: &[u8]) {
        for byte in &bytes[bytes.len().saturating_sub(3)..] {
            self.tail = [self.tail[1], self.tail[2], *byte];
        }
        if matches!(self.state, State::Tag | State::Quoted(_)) {
            let room = TAG_HEAD - self.head.len();
            self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    /// A byte that may end the state was met.
    fn turn(&mut self, last: u8) -> Result<(), Fault> {
        match self.state {
            State::Text => {
                self.between += self.length - 1;
                self.start(State::Tag);
            }
            State::Quoted(_) => self.state = State::Tag,
            State::Until(end) => {
                if self.tail.ends_with(end) {
                    self.between += self.length;
                    self.start(State::Text);
                }
            }
            State::Tag => {
                if self.head.len() >= 8 && self.head[..8].eq_ignore_ascii_case(b"!DOCTYPE") {
                    return Err(Fault::Doctype(self.name.to_owned()));
                }
                match SPECIAL.into_iter().find(|(begin, _)| self.head.starts_with(begin)) {
                    // A quote or bracket inside a comment means nothing.
                    Some((begin, end)) if self.tail.ends_with(end) && self.length >= begin.len() + end.len() => {
                        self.between += self.length;
                        self.start(State::Text);
                    }
                    Some((_, end)) => self.state = State::Until(end),
                    None if last == b'>' => {
                        let between = std::mem::take(&mut self.between);
                        (self.seen)(Tag(self.head.strip_suffix(b">").unwrap_or(&self.head), between))?;
                        self.start(State::Text);
                    }
                    None => self.state = State::Quoted(last),
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, state: State) {
        self.state = state;
        self.length = 0;
        self.head.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(xml: &str, chunk: usize) -> Result<Vec<String>, Fault> {
        let mut out = Vec::new();
        let mut tokens = Tokens::new("x", MAX_TOKEN, |tag: Tag<'_>| {
            out.push(String::from_utf8_lossy(tag.name()).into_owned());
            Ok(())
        });
        for part in xml.as_bytes().chunks(chunk) {
            tokens.eat(part)?;
        }
        Ok(out)
    }

    #[test]
    fn tags_are_seen_whatever_stands_around_them() {
        let xml = "<?xml version=\"1.0\"?><a><!-- <b> ' --><!----><x:c d='>' e=\"'\"/><![CDATA[<f>]]></x:c></a>";
        for chunk in [1, 2, 3, 7, 100] {
            assert_eq!(names(xml, chunk).unwrap(), ["a", "c", "/x:c", "/a"], "{chunk}");
        }
        assert!(matches!(names("<!DOCTYPE lolz [<!ENTITY a 'b'>]><a/>", 5), Err(Fault::Doctype(_))));
        let long = format!("<a>{}</a>", "x".repeat(MAX_TOKEN));
        assert!(matches!(names(&long, 1000), Err(Fault::LongToken(_))));
    }

    #[test]
    fn text_before_a_tag_is_noticed_whatever_hides_it() {
        for (xml, text) in [
            ("<v></v>", false),
            ("<v>0</v>", true),
            ("<v><![CDATA[0]]></v>", true),
            ("<x:v>0</x:v >", true),
            ("0<v></v>", false),
        ] {
            for chunk in [1, 2, 100] {
                let mut seen = Vec::new();
                let mut tokens = Tokens::new("x", MAX_TOKEN, |tag: Tag<'_>| {
                    seen.extend(tag.ends().map(|name| (name.to_vec(), tag.follows_text())));
                    Ok(())
                });
                for part in xml.as_bytes().chunks(chunk) {
                    tokens.eat(part).unwrap();
                }
                assert_eq!(seen, [(b"v".to_vec(), text)], "{xml} {chunk}");
            }
        }
    }

    #[test]
    fn attributes_are_found_by_their_full_name() {
        let tag = Tag(b"x:row spans=\"1:2\" r=\"12\" x14:hidden=\"0\" hidden='1'", 0);
        assert_eq!(tag.name(), b"row");
        assert_eq!(tag.attribute("r"), Some(&b"12"[..]));
        assert_eq!(tag.attribute("hidden"), Some(&b"1"[..]));
        assert_eq!(tag.attribute("s"), None);
        let odd = Tag(b"c r = 'A1' r\n=\"B2\"", 0);
        assert_eq!(odd.values("r").collect::<Vec<_>>(), [b"A1", b"B2"]);
    }
}
