//! Where a harvest goes on. Everything stands in the token, so nothing is kept between requests.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

use super::Format;

/// What was asked for, and how far it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The format wanted.
    pub format: Format,
    /// The first moment wanted.
    pub from: Option<DateTime<Utc>>,
    /// The last moment wanted.
    pub until: Option<DateTime<Utc>>,
    /// The set wanted; "" for all.
    pub set: String,
    /// How many were answered.
    pub cursor: usize,
    /// What the list looked like: in another list the rest would be another rest.
    pub print: String,
}

impl Token {
    /// As it is handed out.
    pub fn write(&self) -> String {
        let seconds =
            |time: Option<DateTime<Utc>>| time.map(|time| time.timestamp().to_string()).unwrap_or_default();
        let plain = format!(
            "{}|{}|{}|{}|{}|{}",
            self.format.prefix(),
            seconds(self.from),
            seconds(self.until),
            self.set,
            self.cursor,
            self.print
        );
        URL_SAFE_NO_PAD.encode(plain)
    }

    /// As it comes back; nothing if it is none of ours.
    pub fn read(text: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let parts: Vec<&str> = plain.split('|').collect();
        let [format, from, until, set, cursor, print] = parts[..] else { return None };
        let time = |text: &str| match text {
            "" => Some(None),
            seconds => Some(Some(DateTime::from_timestamp(seconds.parse().ok()?, 0)?)),
        };
        let (set, print) = (set.to_owned(), print.to_owned());
        let format = Format::of(format)?;
        Some(Self {
            format,
            from: time(from)?,
            until: time(until)?,
            set,
            cursor: cursor.parse().ok()?,
            print,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nothing_else_does() {
        let token = Token {
            format: Format::DataCite,
            from: DateTime::from_timestamp(1_769_000_000, 0),
            until: None,
            set: "year:2025".into(),
            cursor: 100,
            print: "abc".into(),
        };
        assert_eq!(Token::read(&token.write()), Some(token));
        for other in [
            "",
            "x",
            "!!",
            &URL_SAFE_NO_PAD.encode("oai_dc|||||"),
            &URL_SAFE_NO_PAD.encode("marc||||1|d"),
            &URL_SAFE_NO_PAD.encode("oai_dc|a|b|c|1|d"),
        ] {
            assert_eq!(Token::read(other), None, "{other}");
        }
    }
}
