//! What may be attached to a report: by purpose, type, size and number. The bounds are data.

mod header;

use serde::{Deserialize, Serialize};
use zhijian_documents::{Kind, Limits, Refusal, kind};
use zhijian_platform::{
    Text,
    rules::{self, RulesDir, RulesError},
};

pub use header::{GivenHeader, Header, check_description, check_section};

use super::catalogue::Annex;

const FILE: &str = "catalogue/attachments.toml";
const MEBIBYTE: u64 = 1 << 20;
/// A file is read whole when it arrives.
pub const MOST_MEBIBYTES: u64 = 128;
/// How long a caption may be.
pub const MAX_CAPTION: usize = 200;
/// How long an alternative text may be.
pub const MAX_ALT: usize = 500;
/// Every kind of file that some purpose may take.
const KNOWN: [Kind; 6] = [Kind::Pdf, Kind::Png, Kind::Jpeg, Kind::Docx, Kind::Xlsx, Kind::Pptx];

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The report kind asks for it.
    Annex,
    /// Shown in a section or a case.
    Picture,
    /// The report as one document.
    Report,
}

impl Purpose {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Annex => "annex",
            Self::Picture => "picture",
            Self::Report => "report",
        }
    }

    /// The purpose of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Annex, Self::Picture, Self::Report].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// An attachment as a revision freezes it; the keys stand in alphabetical order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What a picture shows.
    pub alt_text: String,
    /// Which annex it is; "" for other purposes.
    pub annex_code: String,
    /// Its id, which texts and cases refer to.
    pub attachment_id: String,
    /// What stands below it.
    pub caption: String,
    /// The name it came with.
    pub file_name: String,
    /// What it is.
    pub media_type: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The section it belongs to; may be "".
    pub section_code: String,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
}

/// What is taken for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The types, as media types.
    pub media_types: Vec<String>,
    /// The size of one file at most, in bytes.
    pub max_bytes: u64,
    /// How many files at most.
    pub max_files: u32,
}

impl Allowed {
    /// The bounds of an annex, as its report kind sets them.
    pub fn of_annex(annex: &Annex) -> Self {
        Self {
            media_types: annex.media_types.clone(),
            max_bytes: annex.max_bytes.min(MOST_MEBIBYTES * MEBIBYTE),
            max_files: annex.max_files,
        }
    }

    /// Reads a file by its content.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn check(&self, name: &str, content: &[u8]) -> Result<Kind, Refusal> {
        let accepted: Vec<Kind> = KNOWN
            .into_iter()
            .filter(|kind| self.media_types.iter().any(|t| t == kind.media_type()))
            .collect();
        kind::check(name, None, content, &accepted, &Limits { bytes: self.max_bytes, ..Limits::default() })
    }
}

/// The bounds that `attachments.toml` sets.
#[derive(Debug, Clone)]
pub struct AttachmentRules {
    /// How many files a report has at most.
    pub max_files: u64,
    /// How many bytes they have together at most.
    pub max_total_bytes: u64,
    /// What is taken as a picture.
    pub picture: Allowed,
    /// What is taken as the report itself.
    pub report: Allowed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    max_files: u64,
    max_total_mebibytes: u64,
    picture: Entry,
    report: Entry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    media_types: Vec<String>,
    max_mebibytes: u64,
    max_files: u32,
}

impl AttachmentRules {
    /// Reads the bounds.
    ///
    /// # Errors
    /// Names the file and the key at fault.
    pub fn load(dir: &RulesDir) -> Result<Self, RulesError> {
        let file: RulesFile = rules::load(dir, FILE, include_str!("../../../catalogue/attachments.toml"))?;
        if !(1..=500).contains(&file.max_files) {
            return Err(RulesError::content(FILE, "max_files", "give 1–500"));
        }
        Ok(Self {
            max_files: file.max_files,
            max_total_bytes: file.max_total_mebibytes * MEBIBYTE,
            picture: allowed("picture", file.picture)?,
            report: allowed("report", file.report)?,
        })
    }
}

fn allowed(key: &str, entry: Entry) -> Result<Allowed, RulesError> {
    if !(1..=MOST_MEBIBYTES).contains(&entry.max_mebibytes) {
        return Err(RulesError::content(FILE, format!("{key}.max_mebibytes"), "give 1–128"));
    }
    let unknown = |media: &&String| !KNOWN.iter().any(|kind| kind.media_type() == media.as_str());
    if let Some(unknown) = entry.media_types.iter().find(unknown) {
        let known: Vec<&str> = KNOWN.iter().map(|kind| kind.media_type()).collect();
        let detail = format!("{unknown:?} is not known; there are {}", known.join(", "));
        return Err(RulesError::content(FILE, format!("{key}.media_types"), detail));
    }
    Ok(Allowed {
        media_types: entry.media_types,
        max_bytes: entry.max_mebibytes * MEBIBYTE,
        max_files: entry.max_files,
    })
}

/// How an upload that is not whole is told.
pub fn truncated(size: u64, arrived: u64) -> Text {
    Text::new(
        format!("上传没有完成：文件应有 {size} 字节，只收到 {arrived} 字节。文件没有保存，请重新上传。"),
        format!(
            "The upload is incomplete: {arrived} of {size} bytes arrived. Nothing was kept; upload it again."
        ),
    )
}

/// How an upload is told whose content is not what was declared.
pub fn altered() -> Text {
    Text::new(
        "收到的内容与声明的 SHA-256 不一致，可能在传输中损坏。文件没有保存，请重新上传。",
        "What arrived does not have the declared SHA-256; it may have been damaged on the way. Nothing was kept; upload it again.",
    )
}

/// The attachments that a text refers to, as `attachment:att_…` in the target of a Markdown picture.
pub fn referred(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("(attachment:").filter_map(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|id| !id.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_refers_to_is_found() {
        let text =
            "见图 1。\n\n![图 1 实训](attachment:att_01ab)\n\n![](attachment:att_02) 与 [x](attachment:)";
        assert_eq!(referred(text).collect::<Vec<_>>(), ["att_01ab", "att_02"]);
    }

    #[test]
    fn rules_at_fault_are_named_by_file_and_key() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir(directory.path().join("catalogue")).expect("made");
        let refused = |picture: &str| {
            let text = format!(
                "max_files = 10\nmax_total_mebibytes = 10\n[picture]\n{picture}\nmax_files = 1\n\
                 [report]\nmedia_types = []\nmax_mebibytes = 1\nmax_files = 1\n"
            );
            std::fs::write(directory.path().join(FILE), text).expect("written");
            AttachmentRules::load(&RulesDir::new(Some(directory.path().to_owned()))).unwrap_err().to_string()
        };
        let size = refused("media_types = [\"image/png\"]\nmax_mebibytes = 129");
        assert!(size.contains(FILE) && size.contains("picture.max_mebibytes"), "{size}");
        let media = refused("media_types = [\"image/svg+xml\"]\nmax_mebibytes = 5");
        assert!(media.contains("picture.media_types") && media.contains("image/svg+xml"), "{media}");
    }
}
