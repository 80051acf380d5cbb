//! Messages as mail. The id, date and text of a message's mail never change, so that whoever gets it twice can tell.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use zhijian_platform::{Error, Mail, StartError, Text};

use crate::store::notice::Model;

/// How long an address may be.
const MAX_ADDRESS: usize = 254;
/// The sender of a mail file where mail is not configured.
const NOBODY: &str = "zhijian@localhost";
/// How much of what a server said is kept.
const SAID: usize = 200;

/// Whether a text is a mail address; one that is cannot carry anything into a header.
pub fn is_address(text: &str) -> bool {
    text.len() <= MAX_ADDRESS && text.is_ascii() && text.parse::<Address>().is_ok()
}

/// A message, ready to become mail.
#[derive(Debug, Clone)]
pub struct Letter {
    notice_id: String,
    from: String,
    to: String,
    name: String,
    subject: String,
    body: String,
    date: SystemTime,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Taken,
    /// The server does not take it now: try again.
    PutOff(Text),
    /// The server will not take it.
    Refused(Text),
    /// The server did not answer to the end: it may have taken it or not.
    Unknown(Text),
}

impl Letter {
    /// The mail of a message.
    pub fn of(row: &Model, name: &Text, address: &str, mail: Option<&Mail>) -> Self {
        let name = if row.language == "en" { &name.en } else { &name.zh };
        let date = row.approve_time.unwrap_or(row.create_time).timestamp().max(0).unsigned_abs();
        Self {
            notice_id: row.notice_id.clone(),
            from: mail.map_or_else(|| NOBODY.to_owned(), |mail| mail.from.clone()),
            to: address.to_owned(),
            name: name.clone(),
            subject: row.subject.clone(),
            body: row.body.clone(),
            date: SystemTime::UNIX_EPOCH + Duration::from_secs(date),
        }
    }

    fn message(&self) -> Result<Message, Error> {
        let from: Mailbox = self.from.parse().map_err(Error::internal)?;
        let domain = from.email.domain().to_owned();
        let builder = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", self.notice_id)))
            .date(self.date)
            .subject(&self.subject)
            .header(ContentType::TEXT_PLAIN);
        let builder = if self.to.is_empty() {
            // A file for a person to address; the envelope is never used.
            let envelope = Envelope::new(None, vec![from.email.clone()]).map_err(Error::internal)?;
            builder.envelope(envelope)
        } else {
            let address: Address = self.to.parse().map_err(Error::internal)?;
            builder.to(Mailbox::new(Some(self.name.clone()), address))
        };
        builder.from(from).body(self.body.clone()).map_err(Error::internal)
    }

    /// The message in the format of RFC 5322.
    ///
    /// # Errors
    /// INTERNAL if a stored address is none.
    pub fn as_file(&self) -> Result<Vec<u8>, Error> {
        Ok(self.message()?.formatted())
    }
}

/// The way to the mail server.
pub struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Post {
    /// Opens the way; no connection is made yet.
    ///
    /// # Errors
    /// Says what is wrong with the configuration.
    pub fn open(mail: &Mail) -> Result<Self, StartError> {
        let fault = |detail: String| StartError::Mail { detail };
        if mail.from.parse::<Mailbox>().is_err() {
            return Err(fault(format!("{:?} is no sender's address", mail.from)));
        }
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.server)
            .map_err(|_| fault("expected smtp://user:password@host:port, or smtps://…".to_owned()))?;
        Ok(Self { transport: builder.timeout(Some(mail.timeout)).build() })
    }

    /// Whether the server can be reached and takes our name; nothing is sent.
    ///
    /// # Errors
    /// Why not, in words.
    pub async fn reach(&self) -> Result<(), Text> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Text::new("邮件服务器没有应答。", "The mail server did not answer.")),
            Err(error) => {
                let said = said(&error);
                Err(Text::new(
                    format!("连不上邮件服务器：{said}"),
                    format!("The mail server cannot be reached: {said}"),
                ))
            }
        }
    }

    /// Hands a mail to the server, once.
    pub async fn send(&self, letter: &Letter) -> Result<Outcome, Error> {
        let error = match self.transport.send(letter.message()?).await {
            Ok(_) => return Ok(Outcome::Taken),
            Err(error) => error,
        };
        let said = said(&error);
        Ok(if error.is_permanent() {
            Outcome::Refused(Text::new(
                format!("邮件服务器拒收：{said}"),
                format!("The mail server refused it: {said}"),
            ))
        } else if error.is_transient() {
            Outcome::PutOff(Text::new(
                format!("邮件服务器暂时不收：{said}"),
                format!("The mail server does not take it now: {said}"),
            ))
        } else {
            Outcome::Unknown(unknown(&said))
        })
    }
}

/// What to say where nobody knows whether a mail arrived.
pub fn unknown(said: &str) -> Text {
    Text::new(
        format!(
            "发送中断，不知道对方是否已收到（{said}）。为免重复，没有自动重发；如需重发请手工选择，邮件编号不变。"
        ),
        format!(
            "Sending was cut off; nobody knows whether it arrived ({said}). It was not sent again by itself; if you \
             send it again, it carries the same id."
        ),
    )
}

/// What a server said, cut short and on one line.
fn said(error: &smtp::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let more = deeper.to_string();
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        cause = deeper.source();
    }
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(to: &str) -> Letter {
        Letter {
            notice_id: "ntc_1".into(),
            from: "质鉴 <desk@edu.example.cn>".into(),
            to: to.into(),
            name: "演示学院".into(),
            subject: "2026 年度：请开始填报".into(),
            body: "演示学院：\n\n请开始。".into(),
            date: SystemTime::UNIX_EPOCH + Duration::from_secs(1_764_000_000),
        }
    }

    #[test]
    fn a_message_is_the_same_mail_every_time() {
        let first = letter("office@school.edu.cn").as_file().expect("a file");
        assert_eq!(first, letter("office@school.edu.cn").as_file().expect("a file"));
        let text = String::from_utf8(first).expect("mail is ASCII");
        assert!(text.is_ascii());
        assert!(text.contains("Message-ID: <ntc_1@edu.example.cn>\r\n"), "{text}");
        assert!(text.contains("<office@school.edu.cn>"), "{text}");
        assert!(text.contains("Content-Type: text/plain; charset=utf-8"), "{text}");
    }

    #[test]
    fn a_file_without_an_address_can_be_opened_and_addressed() {
        let text = String::from_utf8(letter("").as_file().expect("a file")).expect("ASCII");
        assert!(!text.contains("\r\nTo:"), "{text}");
    }

    #[test]
    fn what_is_no_address_is_told() {
        assert!(is_address("office@school.edu.cn"));
        for wrong in ["", "office", "a@b\r\nBcc: c@d", "a b@c.cn", "校@school.cn", "a@"] {
            assert!(!is_address(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn a_wrong_server_is_told_at_the_start() {
        let mail = |server: &str, from: &str| Mail {
            server: server.into(),
            from: from.into(),
            timeout: Duration::from_secs(1),
        };
        assert!(Post::open(&mail("smtp://127.0.0.1:2525", "a@b.cn")).is_ok());
        let error = Post::open(&mail("http://127.0.0.1", "a@b.cn")).err().expect("refused").to_string();
        assert!(error.contains("smtp://"), "{error}");
        let error = Post::open(&mail("smtp://127.0.0.1", "nobody")).err().expect("refused").to_string();
        assert!(error.contains("\"nobody\""), "{error}");
    }
}
