//! Looks through XML while it is unpacked: nesting, document types, and numbers a parser would believe.

use crate::{Bound, Refusal};

/// The bytes of an XML part so far, as far as they matter.
pub(super) struct Scan<'a> {
    part: &'a str,
    most: u64,
    depth: u64,
    state: State,
    /// The tag being read, cut off where it is longer than any that matters.
    tag: Vec<u8>,
    /// A shared-string table's own count of its strings.
    promised: Option<u64>,
    started: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// Inside `<…>`; the quotation mark that is open, or 0.
    Tag(u8),
    /// Inside `<!…`, of which not enough is known yet.
    Mark,
    /// Inside a comment, CDATA or processing instruction; the last two bytes.
    Until(&'static [u8], [u8; 3]),
}

/// Enough of a tag to find its name and counts.
const TAG: usize = 512;

impl<'a> Scan<'a> {
    pub fn new(part: &'a str, most: u64) -> Self {
        Self { part, most, depth: 0, state: State::Text, tag: Vec::new(), promised: None, started: false }
    }

    /// Takes the next bytes.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        if !self.started {
            self.started = true;
            // No office program writes UTF-16 parts, and what cannot be looked through cannot be trusted.
            if chunk.contains(&0) {
                return Err(Refusal::damaged(self.part));
            }
        }
        for &byte in chunk {
            self.take(byte)?;
        }
        Ok(())
    }

    /// Compares what the part promises with its size.
    pub fn finish(&self, size: u64) -> Result<(), Refusal> {
        // `<si/>` is the shortest string there is.
        if self.promised.is_some_and(|count| count > size / 5 + 1_000) {
            return Err(Refusal::damaged(self.part));
        }
        Ok(())
    }

    fn take(&mut self, byte: u8) -> Result<(), Refusal> {
        match self.state {
            State::Text => {
                if byte == b'<' {
                    self.tag.clear();
                    self.state = State::Tag(0);
                }
            }
            State::Tag(0) => match byte {
                b'>' => {
                    self.state = State::Text;
                    self.close_tag()?;
                }
                b'!' if self.tag.is_empty() => self.state = State::Mark,
                b'?' if self.tag.is_empty() => self.state = State::Until(b"?>", [0; 3]),
                b'"' | b'\'' => {
                    self.state = State::Tag(byte);
                    self.keep(byte);
                }
                _ => self.keep(byte),
            },
            State::Tag(quote) => {
                self.keep(byte);
                if byte == quote {
                    self.state = State::Tag(0);
                }
            }
            State::Mark => {
                self.keep(byte);
                match self.tag.as_slice() {
                    b"--" => self.state = State::Until(b"-->", [0; 3]),
                    b"[CDATA[" => self.state = State::Until(b"]]>", [0; 3]),
                    start if b"--".starts_with(start) || b"[CDATA[".starts_with(start) => {}
                    // A document type or an entity: OOXML allows neither.
                    _ => return Err(Refusal::ExternalEntity { part: self.part.to_owned() }),
                }
            }
            State::Until(end, [_, b, c]) => {
                let last = [b, c, byte];
                self.state = if last.ends_with(end) { State::Text } else { State::Until(end, last) };
            }
        }
        Ok(())
    }

    fn keep(&mut self, byte: u8) {
        if self.tag.len() < TAG {
            self.tag.push(byte);
        } else {
            // The end decides whether the tag closes itself.
            self.tag[TAG - 1] = byte;
        }
    }

    fn close_tag(&mut self) -> Result<(), Refusal> {
        if self.tag.first() == Some(&b'/') {
            self.depth = self.depth.saturating_sub(1);
            return Ok(());
        }
        let name = self.tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if name.ends_with(b"sst") {
            let text = String::from_utf8_lossy(&self.tag);
            self.promised = text
                .split("uniqueCount")
                .nth(1)
                .map(|rest| rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit))
                .map(|digits| digits.collect::<String>().parse().unwrap_or(u64::MAX));
            if self.tag.len() == TAG {
                self.promised = Some(u64::MAX);
            }
        }
        if self.tag.last() != Some(&b'/') {
            self.depth += 1;
            if self.depth > self.most {
                return Err(Refusal::TooLarge {
                    bound: Bound::Depth,
                    limit: self.most,
                    place: self.part.to_owned(),
                });
            }
        }
        Ok(())
    }
}
