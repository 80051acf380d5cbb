//! Why a file cannot be used, and what its owner can do about it.

use std::fmt;

use crate::{Kind, limits::Bound};

/// Why a file cannot be used. Messages are complete sentences for the person who brought the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing in it.
    Empty,
    /// It carries macros or other active content.
    Macros {
        /// The part that does.
        part: String,
    },
    /// It would unpack to far more than it weighs.
    ArchiveBomb {
        /// The bound that it breaks.
        bound: Bound,
        /// The bound's value.
        limit: u64,
    },
    /// Its name or claimed type says one thing, its content another.
    Disguised {
        /// What the name or the sender claims, such as `.xlsx` or `image/png`.
        claimed: String,
        /// What it is.
        is: Kind,
    },
    /// It is none of the kinds that are accepted here.
    Unsupported {
        /// What it is.
        is: Kind,
        /// What is accepted.
        accepted: Vec<Kind>,
    },
    /// It is protected by a password.
    Encrypted,
    /// Its end is missing or its inner structure is broken.
    Damaged {
        /// The part or place, empty if the whole file is concerned.
        part: String,
    },
    /// A bound is broken.
    TooLarge {
        /// Which one.
        bound: Bound,
        /// Its value.
        limit: u64,
        /// Where, such as a sheet's name; empty if the whole file is concerned.
        place: String,
    },
    /// It is in a format that is no longer accepted: .xls, .doc, .ppt.
    OldFormat {
        /// Which.
        is: Kind,
    },
    /// A part of the archive points outside it.
    UnsafePath {
        /// The part's path.
        path: String,
    },
    /// A part declares a document type or an entity.
    ExternalEntity {
        /// The part.
        part: String,
    },
    /// A text file is in no encoding that is understood.
    Encoding {
        /// The first line that cannot be read, counted from 1.
        line: usize,
    },
    /// A quotation mark is opened and never closed.
    OpenQuote {
        /// Line where it opens, counted from 1.
        line: usize,
    },
    /// A PDF shows pictures of text, and no text.
    Scanned {
        /// Pages.
        pages: usize,
    },
}

impl Refusal {
    /// Stable name of the reason, for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Empty => "FILE_EMPTY",
            Self::Macros { .. } => "FILE_HAS_MACROS",
            Self::ArchiveBomb { .. } => "FILE_IS_ARCHIVE_BOMB",
            Self::Disguised { .. } => "FILE_TYPE_DISGUISED",
            Self::Unsupported { .. } => "FILE_TYPE_UNSUPPORTED",
            Self::Encrypted => "FILE_ENCRYPTED",
            Self::Damaged { .. } => "FILE_DAMAGED",
            Self::TooLarge { .. } => "FILE_TOO_LARGE",
            Self::OldFormat { .. } => "FILE_FORMAT_OLD",
            Self::UnsafePath { .. } => "FILE_PATH_UNSAFE",
            Self::ExternalEntity { .. } => "FILE_DECLARES_ENTITY",
            Self::Encoding { .. } => "FILE_ENCODING_UNKNOWN",
            Self::OpenQuote { .. } => "FILE_QUOTE_OPEN",
            Self::Scanned { .. } => "FILE_IS_SCANNED",
        }
    }

    /// What is wrong and what to do, in Chinese.
    pub fn message_zh(&self) -> String {
        match self {
            Self::Empty => "文件是空的。请检查后重新选择文件。".into(),
            Self::Macros { part } => {
                format!(
                    "文件含有宏或其他可执行内容（{part}），不能接收。请另存为不含宏的 .xlsx 或 .docx 后再上传。"
                )
            }
            Self::ArchiveBomb { bound, limit } => format!(
                "文件解压后异常庞大（{}），疑为压缩炸弹，不能接收。请用 Excel、WPS 或 Word 重新另存后再上传。",
                bound.zh(*limit)
            ),
            Self::Disguised { claimed, is } => format!(
                "文件名或类型标明是 {claimed}，内容却是{}。请用相应软件另存为正确的格式，不要只改扩展名。",
                is.name_zh()
            ),
            Self::Unsupported { is, accepted } => {
                format!("这里不接收{}，请提供{}。", is.name_zh(), list(accepted, Kind::name_zh, "、", "或"))
            }
            Self::Encrypted => "文件有密码保护，无法读取。请去掉密码后再上传。".into(),
            Self::Damaged { part } if part.is_empty() => {
                "文件不完整或已损坏，可能上传中断。请重新打开原文件，另存后再上传。".into()
            }
            Self::Damaged { part } => {
                format!("文件已损坏，读到“{part}”时出错。请重新打开原文件，另存后再上传。")
            }
            Self::TooLarge { bound, limit, place } if place.is_empty() => {
                format!("文件过大：{}。请删去无关内容或拆分后再上传。", bound.zh(*limit))
            }
            Self::TooLarge { bound, limit, place } => {
                format!("“{place}”过大：{}。请删去无关内容或拆分后再上传。", bound.zh(*limit))
            }
            Self::OldFormat { is } => format!(
                "这是旧版{}，不再接收。请用 Excel、WPS 或 Word 打开，另存为 {} 后再上传。",
                is.name_zh(),
                is.successor()
            ),
            Self::UnsafePath { path } => {
                format!("文件内部含有不安全的路径“{path}”，不能接收。请重新另存后再上传。")
            }
            Self::ExternalEntity { part } => {
                format!(
                    "文件内部（{part}）声明了外部实体，不能接收。请用 Excel、WPS 或 Word 重新另存后再上传。"
                )
            }
            Self::Encoding { line } => {
                format!("第 {line} 行不是可识别的文字编码。请在 Excel 或 WPS 中另存为“CSV UTF-8”后再上传。")
            }
            Self::OpenQuote { line } => {
                format!("第 {line} 行有一个双引号没有闭合，其后的内容无法分列。请补上后再上传。")
            }
            Self::Scanned { pages } => {
                format!(
                    "这份 PDF（{pages} 页）只有图像，没有文字，可能是扫描件。请提供由 Word 或 WPS 直接导出的 PDF。"
                )
            }
        }
    }

    /// The same in English.
    pub fn message_en(&self) -> String {
        match self {
            Self::Empty => "The file is empty. Check it and choose the file again.".into(),
            Self::Macros { part } => format!(
                "The file carries macros or other active content ({part}). Save it as .xlsx or .docx without macros and upload that."
            ),
            Self::ArchiveBomb { bound, limit } => format!(
                "The file unpacks to far more than it should: {}. Save it again from Excel, WPS or Word and upload that.",
                bound.en(*limit)
            ),
            Self::Disguised { claimed, is } => format!(
                "The file claims to be {claimed}, but it is {}. Save it in the right format; a new extension is not enough.",
                is.name_en()
            ),
            Self::Unsupported { is, accepted } => format!(
                "{} cannot be used here. Bring {}.",
                capital(is.name_en()),
                list(accepted, Kind::name_en, ", ", " or ")
            ),
            Self::Encrypted => "The file is protected by a password. Remove the password and upload it again.".into(),
            Self::Damaged { part } if part.is_empty() => {
                "The file is incomplete or damaged; the upload may have been cut off. Open the original, save it again and upload that.".into()
            }
            Self::Damaged { part } => format!(
                "The file is damaged; reading stopped at \"{part}\". Open the original, save it again and upload that."
            ),
            Self::TooLarge { bound, limit, place } if place.is_empty() => {
                format!("The file is too large: {}. Remove what is not needed or split it.", bound.en(*limit))
            }
            Self::TooLarge { bound, limit, place } => {
                format!("\"{place}\" is too large: {}. Remove what is not needed or split it.", bound.en(*limit))
            }
            Self::OldFormat { is } => format!(
                "This is {}, an old format. Open it in Excel, WPS or Word, save it as {} and upload that.",
                is.name_en(),
                is.successor()
            ),
            Self::UnsafePath { path } => {
                format!("The file holds an unsafe path (\"{path}\"). Save it again and upload that.")
            }
            Self::ExternalEntity { part } => {
                format!("The file declares an external entity ({part}). Save it again from Excel, WPS or Word and upload that.")
            }
            Self::Encoding { line } => {
                format!("Line {line} is in no encoding that can be read. Save the file as \"CSV UTF-8\" in Excel or WPS.")
            }
            Self::OpenQuote { line } => format!("A quotation mark opens on line {line} and never closes. Close it and upload again."),
            Self::Scanned { pages } => format!(
                "This PDF ({pages} pages) shows pictures and has no text; it may be a scan. Bring a PDF exported from Word or WPS."
            ),
        }
    }

    pub(crate) fn damaged(part: impl Into<String>) -> Self {
        Self::Damaged { part: part.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message_en())
    }
}

impl std::error::Error for Refusal {}

fn list(kinds: &[Kind], name: fn(Kind) -> &'static str, between: &str, last: &str) -> String {
    match kinds {
        [] => String::new(),
        [only] => name(*only).to_owned(),
        [first @ .., end] => {
            let first: Vec<&str> = first.iter().map(|k| name(*k)).collect();
            format!("{}{last}{}", first.join(between), name(*end))
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
