//! ZIP containers (XLSX, DOCX), opened with distrust: every part is unpacked once and counted before anything is parsed.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::{Bound, Limits, Refusal, bytes, kind::Kind};

mod xml;

/// Below this size a high ratio is no sign of anything.
const SMALL_PART: u64 = 1 << 20;
/// `[Content_Types].xml` of the largest real documents is far below this.
const CONTENT_TYPES: u64 = 4 << 20;
/// What may not be inside a document, by the end of its name.
const ACTIVE: &[&str] = &[
    "vbaproject.bin",
    "vbadata.xml",
    ".xlsm",
    ".xltm",
    ".xlam",
    ".docm",
    ".dotm",
    ".pptm",
    ".potm",
    ".ppam",
    ".exe",
    ".dll",
    ".com",
    ".scr",
    ".msi",
    ".bat",
    ".cmd",
    ".ps1",
    ".vbs",
    ".js",
    ".jse",
    ".wsf",
    ".hta",
    ".lnk",
    ".jar",
    ".chm",
];
/// The same by a folder in its path.
const ACTIVE_FOLDERS: &[&str] = &["macrosheets/", "activex/", "dialogsheets/"];

/// An opened container whose list of parts is sound.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Bytes of the whole file.
    size: u64,
    /// Paths in the order of the list, with `/` between folders.
    pub names: Vec<String>,
}

impl<'a> Archive<'a> {
    /// Opens the list of parts; nothing is unpacked yet.
    ///
    /// # Errors
    /// Cut-off or broken lists, too many parts, unsafe paths, parts with a password.
    pub fn open(file: &'a [u8], limits: &Limits) -> Result<Self, Refusal> {
        bytes::fenced("ZIP", || {
            let mut zip = ZipArchive::new(Cursor::new(file)).map_err(|_| Refusal::damaged(""))?;
            if zip.len() as u64 > limits.entries {
                return Err(Refusal::TooLarge {
                    bound: Bound::Entries,
                    limit: limits.entries,
                    place: String::new(),
                });
            }
            if zip.has_duplicate_names() {
                return Err(Refusal::damaged("ZIP"));
            }
            let mut names = Vec::with_capacity(zip.len());
            for index in 0..zip.len() {
                let part = zip.by_index_raw(index).map_err(|_| Refusal::damaged("ZIP"))?;
                let name = part.name().map_err(|_| Refusal::damaged("ZIP"))?.replace('\\', "/");
                if part.encrypted() {
                    return Err(Refusal::Encrypted);
                }
                if is_unsafe(&name) || part.is_symlink() {
                    return Err(Refusal::UnsafePath { path: name });
                }
                names.push(name);
            }
            Ok(Self { zip, size: file.len() as u64, names })
        })
    }

    /// What the container is, by its own list of content types.
    pub fn kind(&mut self) -> Kind {
        if let Ok(Some(types)) = self.read("[Content_Types].xml", CONTENT_TYPES) {
            return office_kind(&types);
        }
        match self.read("mimetype", 200).ok().flatten().as_deref() {
            Some(b"application/vnd.oasis.opendocument.spreadsheet") => Kind::Ods,
            Some(b"application/vnd.oasis.opendocument.text") => Kind::Odt,
            _ => Kind::Zip,
        }
    }

    /// Unpacks every part once, keeping nothing: sizes, ratios, nesting, entities, active content.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn sweep(&mut self, limits: &Limits) -> Result<(), Refusal> {
        let mut total = 0;
        for index in 0..self.names.len() {
            let lower = self.names[index].to_lowercase();
            if ACTIVE.iter().any(|end| lower.ends_with(end))
                || ACTIVE_FOLDERS.iter().any(|f| lower.contains(f))
            {
                return Err(Refusal::Macros { part: self.names[index].clone() });
            }
            total = self.sweep_part(index, &lower, total, limits)?;
        }
        Ok(())
    }

    fn sweep_part(
        &mut self,
        index: usize,
        lower: &str,
        mut total: u64,
        limits: &Limits,
    ) -> Result<u64, Refusal> {
        let name = self.names[index].clone();
        let is_xml = lower.ends_with(".xml") || lower.ends_with(".rels") || lower.ends_with(".vml");
        let file_size = self.size;
        bytes::fenced(&name, || {
            let mut part = self.zip.by_index(index).map_err(|_| Refusal::damaged(name.clone()))?;
            let packed = part.compressed_size().min(file_size).max(1);
            let mut scan = xml::Scan::new(&name, limits.depth);
            let mut buffer = vec![0; 64 << 10];
            let mut size = 0;
            loop {
                let read = part.read(&mut buffer).map_err(|_| Refusal::damaged(name.clone()))?;
                if read == 0 {
                    break;
                }
                size += read as u64;
                total += read as u64;
                if size > SMALL_PART && size / packed > limits.ratio {
                    return Err(Refusal::ArchiveBomb { bound: Bound::Ratio, limit: limits.ratio });
                }
                if total > limits.unpacked {
                    return Err(Refusal::ArchiveBomb { bound: Bound::Unpacked, limit: limits.unpacked });
                }
                if is_xml {
                    scan.feed(&buffer[..read])?;
                }
            }
            scan.finish(size)?;
            Ok(total)
        })
    }

    /// A part's bytes; `None` if there is no such part.
    ///
    /// # Errors
    /// Damage, or more than `most` bytes.
    pub fn read(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(index) = self.names.iter().position(|n| n.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        bytes::fenced(name, || {
            let part = self.zip.by_index(index).map_err(|_| Refusal::damaged(name))?;
            let mut content = Vec::new();
            part.take(most + 1).read_to_end(&mut content).map_err(|_| Refusal::damaged(name))?;
            if content.len() as u64 > most {
                return Err(Refusal::ArchiveBomb { bound: Bound::Unpacked, limit: most });
            }
            Ok(Some(content))
        })
    }
}

/// What `[Content_Types].xml` says the main part is.
fn office_kind(types: &[u8]) -> Kind {
    let has = |needle: &str| bytes::contains(types, needle.as_bytes());
    let vba = has("vnd.ms-office.vbaProject");
    let families = [
        ("spreadsheetml.sheet.main+xml", Kind::Xlsx, Kind::Xlsm),
        ("spreadsheetml.template.main+xml", Kind::Xlsx, Kind::Xlsm),
        ("ms-excel.sheet.macroEnabled.main+xml", Kind::Xlsm, Kind::Xlsm),
        ("ms-excel.template.macroEnabled.main+xml", Kind::Xlsm, Kind::Xlsm),
        ("ms-excel.addin.macroEnabled.main+xml", Kind::Xlsm, Kind::Xlsm),
        ("ms-excel.sheet.binary.macroEnabled.main", Kind::Xlsb, Kind::Xlsb),
        ("wordprocessingml.document.main+xml", Kind::Docx, Kind::Docm),
        ("wordprocessingml.template.main+xml", Kind::Docx, Kind::Docm),
        ("ms-word.document.macroEnabled.main+xml", Kind::Docm, Kind::Docm),
        ("ms-word.template.macroEnabledTemplate.main+xml", Kind::Docm, Kind::Docm),
        ("presentationml.presentation.main+xml", Kind::Pptx, Kind::Pptm),
        ("presentationml.slideshow.main+xml", Kind::Pptx, Kind::Pptm),
        ("ms-powerpoint.presentation.macroEnabled.main+xml", Kind::Pptm, Kind::Pptm),
    ];
    let found = families.into_iter().find(|(needle, ..)| has(needle));
    found.map_or(Kind::Zip, |(_, plain, active)| if vba { active } else { plain })
}

fn is_unsafe(name: &str) -> bool {
    name.is_empty()
        || name.starts_with('/')
        || name.contains(['\0', ':'])
        || name.split('/').any(|folder| folder == "..")
}
