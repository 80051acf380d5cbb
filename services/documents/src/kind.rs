//! What a file is, by its content; and whether its name and its sender tell the truth about it.

use crate::{Bound, Limits, Refusal, archive::Archive, bytes};

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Excel workbook without macros.
    Xlsx,
    /// Excel workbook with macros.
    Xlsm,
    /// Binary Excel workbook.
    Xlsb,
    /// Excel 97–2003 workbook.
    Xls,
    /// Word document without macros.
    Docx,
    /// Word document with macros.
    Docm,
    /// Word 97–2003 document.
    Doc,
    /// PowerPoint presentation without macros.
    Pptx,
    /// PowerPoint presentation with macros.
    Pptm,
    /// PowerPoint 97–2003 presentation.
    Ppt,
    /// OpenDocument spreadsheet.
    Ods,
    /// OpenDocument text.
    Odt,
    /// PDF document.
    Pdf,
    /// PNG picture.
    Png,
    /// JPEG picture.
    Jpeg,
    /// GIF picture.
    Gif,
    /// WebP picture.
    Webp,
    /// BMP picture.
    Bmp,
    /// Plain text: CSV, Markdown, TOML and the like cannot be told apart by content.
    Text,
    /// HTML, also when called .xls by the system that exported it.
    Html,
    /// XML, SVG included.
    Xml,
    /// Rich text.
    Rtf,
    /// ZIP archive that is none of the above.
    Zip,
    /// RAR archive.
    Rar,
    /// 7-Zip archive.
    SevenZip,
    /// Gzip file.
    Gzip,
    /// Program.
    Executable,
    /// Office document with a password.
    Protected,
    /// No bytes at all.
    Empty,
    /// None of these.
    Unknown,
}

impl Kind {
    /// Its name in Chinese.
    pub fn name_zh(self) -> &'static str {
        match self {
            Self::Xlsx => " Excel 工作簿（.xlsx）",
            Self::Xlsm => "带宏的 Excel 工作簿（.xlsm）",
            Self::Xlsb => "二进制 Excel 工作簿（.xlsb）",
            Self::Xls => " Excel 97–2003 工作簿（.xls）",
            Self::Docx => " Word 文档（.docx）",
            Self::Docm => "带宏的 Word 文档（.docm）",
            Self::Doc => " Word 97–2003 文档（.doc）",
            Self::Pptx => "演示文稿（.pptx）",
            Self::Pptm => "带宏的演示文稿（.pptm）",
            Self::Ppt => " PowerPoint 97–2003 演示文稿（.ppt）",
            Self::Ods => "开放文档表格（.ods）",
            Self::Odt => "开放文档文本（.odt）",
            Self::Pdf => " PDF 文档",
            Self::Png => " PNG 图片",
            Self::Jpeg => " JPEG 图片",
            Self::Gif => " GIF 图片",
            Self::Webp => " WebP 图片",
            Self::Bmp => " BMP 图片",
            Self::Text => "纯文本（如 .csv、.txt、.md）",
            Self::Html => "网页（HTML）",
            Self::Xml => " XML 文件",
            Self::Rtf => " RTF 文档",
            Self::Zip => " ZIP 压缩包",
            Self::Rar => " RAR 压缩包",
            Self::SevenZip => " 7z 压缩包",
            Self::Gzip => " gzip 压缩文件",
            Self::Executable => "可执行程序",
            Self::Protected => "加密的 Office 文档",
            Self::Empty => "空文件",
            Self::Unknown => "无法识别的文件",
        }
    }

    /// Its name in English.
    pub fn name_en(self) -> &'static str {
        match self {
            Self::Xlsx => "an Excel workbook (.xlsx)",
            Self::Xlsm => "an Excel workbook with macros (.xlsm)",
            Self::Xlsb => "a binary Excel workbook (.xlsb)",
            Self::Xls => "an Excel 97–2003 workbook (.xls)",
            Self::Docx => "a Word document (.docx)",
            Self::Docm => "a Word document with macros (.docm)",
            Self::Doc => "a Word 97–2003 document (.doc)",
            Self::Pptx => "a presentation (.pptx)",
            Self::Pptm => "a presentation with macros (.pptm)",
            Self::Ppt => "a PowerPoint 97–2003 presentation (.ppt)",
            Self::Ods => "an OpenDocument spreadsheet (.ods)",
            Self::Odt => "an OpenDocument text (.odt)",
            Self::Pdf => "a PDF document",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::Gif => "a GIF picture",
            Self::Webp => "a WebP picture",
            Self::Bmp => "a BMP picture",
            Self::Text => "plain text (such as .csv, .txt, .md)",
            Self::Html => "a web page (HTML)",
            Self::Xml => "an XML file",
            Self::Rtf => "an RTF document",
            Self::Zip => "a ZIP archive",
            Self::Rar => "a RAR archive",
            Self::SevenZip => "a 7z archive",
            Self::Gzip => "a gzip file",
            Self::Executable => "a program",
            Self::Protected => "an Office document with a password",
            Self::Empty => "an empty file",
            Self::Unknown => "a file of unknown kind",
        }
    }

    /// The media type to store and serve it with.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Text => "text/plain; charset=utf-8",
            Self::Zip => "application/zip",
            _ => "application/octet-stream",
        }
    }

    /// Extensions, without dot and in lower case, that a file of this kind may honestly carry.
    fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Xlsx => &["xlsx", "xltx"],
            Self::Xlsm => &["xlsm", "xltm", "xlam"],
            Self::Xlsb => &["xlsb"],
            Self::Xls => &["xls", "xlt", "et"],
            Self::Docx => &["docx", "dotx"],
            Self::Docm => &["docm", "dotm"],
            Self::Doc => &["doc", "dot", "wps"],
            Self::Pptx => &["pptx", "ppsx", "potx"],
            Self::Pptm => &["pptm", "ppsm"],
            Self::Ppt => &["ppt", "pps", "dps"],
            Self::Ods => &["ods"],
            Self::Odt => &["odt"],
            Self::Pdf => &["pdf"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::Gif => &["gif"],
            Self::Webp => &["webp"],
            Self::Bmp => &["bmp"],
            Self::Text => &["txt", "csv", "tsv", "md", "markdown", "toml", "json"],
            Self::Html => &["html", "htm"],
            Self::Xml => &["xml", "svg"],
            Self::Rtf => &["rtf"],
            Self::Zip => &["zip"],
            Self::Rar => &["rar"],
            Self::SevenZip => &["7z"],
            Self::Gzip => &["gz", "tgz"],
            // The kind behind a password cannot be seen.
            Self::Protected => &["xlsx", "xlsm", "docx", "docm", "pptx", "pptm"],
            Self::Executable | Self::Empty | Self::Unknown => &[],
        }
    }

    pub(crate) fn successor(self) -> &'static str {
        match self {
            Self::Doc => ".docx",
            Self::Ppt => ".pptx",
            _ => ".xlsx",
        }
    }

    /// What these bytes are.
    pub fn of(file: &[u8]) -> Self {
        let starts = |magic: &[u8]| file.starts_with(magic);
        if file.is_empty() {
            return Self::Empty;
        }
        if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
            let limits = Limits { entries: u64::MAX, ..Limits::default() };
            return match Archive::open(file, &limits) {
                Ok(mut archive) => archive.kind(),
                Err(_) => Self::Zip,
            };
        }
        if starts(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
            return compound(file);
        }
        let magics: [(&[u8], Self); 15] = [
            (b"%PDF-", Self::Pdf),
            (b"\x89PNG\r\n\x1a\n", Self::Png),
            (b"\xFF\xD8\xFF", Self::Jpeg),
            (b"GIF87a", Self::Gif),
            (b"GIF89a", Self::Gif),
            (b"BM", Self::Bmp),
            (b"{\\rtf", Self::Rtf),
            (b"Rar!\x1A\x07", Self::Rar),
            (b"7z\xBC\xAF\x27\x1C", Self::SevenZip),
            (b"\x1F\x8B", Self::Gzip),
            (b"MZ", Self::Executable),
            (b"\x7FELF", Self::Executable),
            (b"#!", Self::Executable),
            (b"\xCA\xFE\xBA\xBE", Self::Executable),
            (b"\xCF\xFA\xED\xFE", Self::Executable),
        ];
        let is_text = is_text(file);
        if let Some((_, kind)) = magics.into_iter().find(|(magic, kind)| {
            // "BM" and "MZ" may begin a text; "#!" must.
            starts(magic) && (!is_text || !matches!(kind, Self::Bmp | Self::Executable) || *magic == b"#!")
        }) {
            return kind;
        }
        if starts(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
            return Self::Webp;
        }
        // Some programs write a few bytes before a PDF's header, and readers accept it.
        if bytes::contains(&file[..file.len().min(1024)], b"%PDF-") {
            return Self::Pdf;
        }
        if is_text { text_kind(file) } else { Self::Unknown }
    }

    /// Whether a file called `name` may be of this kind.
    pub fn suits(self, name: &str) -> bool {
        extension(name).is_none_or(|e| self.extensions().contains(&e.as_str()))
    }
}

/// Checks a file that was brought: its size, whether it is what it says, and whether `accepted` has it. Archives and
/// office documents are looked through for bombs, macros, unsafe paths and entities. `claimed` is the media type the
/// sender gave, if any.
///
/// # Errors
/// Everything that makes a file unusable here, by name.
pub fn check(
    name: &str,
    claimed: Option<&str>,
    file: &[u8],
    accepted: &[Kind],
    limits: &Limits,
) -> Result<Kind, Refusal> {
    if file.len() as u64 > limits.bytes {
        return Err(Refusal::TooLarge { bound: Bound::Bytes, limit: limits.bytes, place: String::new() });
    }
    let kind = Kind::of(file);
    if kind == Kind::Empty {
        return Err(Refusal::Empty);
    }
    let is_zip = file.starts_with(b"PK\x03\x04") || file.starts_with(b"PK\x05\x06");
    let archive = is_zip.then(|| Archive::open(file, limits)).transpose()?;
    if !kind.suits(name) {
        return Err(disguised(name, kind));
    }
    match kind {
        Kind::Protected => return Err(Refusal::Encrypted),
        Kind::Xlsm | Kind::Docm | Kind::Pptm => return Err(Refusal::Macros { part: active_part(archive) }),
        Kind::Xls | Kind::Doc | Kind::Ppt if !accepted.contains(&kind) => {
            return Err(Refusal::OldFormat { is: kind });
        }
        _ if !accepted.contains(&kind) => {
            return Err(Refusal::Unsupported { is: kind, accepted: accepted.to_vec() });
        }
        _ => {}
    }
    if let Some(claimed) = claimed.filter(|claimed| contradicts(claimed, kind)) {
        return Err(Refusal::Disguised { claimed: claimed.to_owned(), is: kind });
    }
    if let Some(mut archive) = archive {
        archive.sweep(limits)?;
    }
    Ok(kind)
}

fn disguised(name: &str, is: Kind) -> Refusal {
    // What is left of a document whose end is missing is a ZIP that cannot be opened: that was told already.
    Refusal::Disguised { claimed: format!(".{}", extension(name).unwrap_or_default()), is }
}

fn active_part(archive: Option<Archive<'_>>) -> String {
    let names = archive.map(|a| a.names).unwrap_or_default();
    names.into_iter().find(|n| n.to_lowercase().ends_with("vbaproject.bin")).unwrap_or_else(|| "VBA".into())
}

/// Whether a media type is plainly another one than the content's. Browsers send odd ones for office files and CSV, so
/// only a claim of a picture, a PDF or another office kind counts.
fn contradicts(claimed: &str, kind: Kind) -> bool {
    let claimed = claimed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let decisive = claimed.starts_with("image/")
        || claimed == "application/pdf"
        || claimed.starts_with("application/vnd.openxmlformats-officedocument.");
    let same = kind.media_type().starts_with(claimed.as_str())
        || (claimed == "image/jpg" && kind == Kind::Jpeg)
        || (claimed == "image/x-ms-bmp" && kind == Kind::Bmp);
    decisive && !same
}

fn extension(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.rsplit_once('.').map(|(_, e)| e.trim().to_lowercase()).filter(|e| !e.is_empty())
}

/// Compound files name their streams in UTF-16 in the directory.
fn compound(file: &[u8]) -> Kind {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes::contains(file, &wide)
    };
    if has("EncryptedPackage") {
        Kind::Protected
    } else if has("WordDocument") {
        Kind::Doc
    } else if has("PowerPoint Document") {
        Kind::Ppt
    } else if has("Workbook") || has("Book") {
        Kind::Xls
    } else {
        Kind::Unknown
    }
}

fn is_text(file: &[u8]) -> bool {
    if file.starts_with(b"\xFF\xFE") || file.starts_with(b"\xFE\xFF") {
        return true;
    }
    // Control characters other than tab, line ends and form feed are in no text.
    !file.iter().take(64 << 10).any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A | 0x1B))
}

fn text_kind(file: &[u8]) -> Kind {
    let start = file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file);
    let start: Vec<u8> = start
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take(256)
        .collect::<Vec<u8>>()
        .to_ascii_lowercase();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        Kind::Html
    } else if start.starts_with(b"<?xml") {
        if bytes::contains(&start, b"<html") { Kind::Html } else { Kind::Xml }
    } else if start.starts_with(b"<svg") {
        Kind::Xml
    } else if start.starts_with(b"<table") || start.starts_with(b"<head") || start.starts_with(b"<meta") {
        Kind::Html
    } else {
        Kind::Text
    }
}
