//! Files to text or cells.

use std::{fs, path::Path};

use zhijian_documents::{
    Kind, Limits, Refusal, docx, kind, pdf,
    sheet::{self, Workbook},
};

/// What a file holds.
pub(super) enum Material {
    /// A report's text.
    Report(String),
    /// Tables of data.
    Workbook(Workbook),
}

/// Reads a file by its extension.
///
/// # Errors
/// One line that names the file and says what to do, in both languages.
pub(super) fn read(file: &Path) -> Result<Material, String> {
    let shown = file.display();
    let bytes =
        fs::read(file).map_err(|error| format!("{shown}: 读不了这个文件。It cannot be read: {error}"))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let extension = file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let material = material(&name, &extension, &bytes)
        .map_err(|refusal| format!("{shown}: {}{}", refusal.message_zh(), refusal.message_en()))?;
    match &material {
        Material::Report(text) if !text.chars().any(char::is_alphanumeric) => {
            Err(format!("{shown}: 文件里没有文字。There are no words in it."))
        }
        _ => Ok(material),
    }
}

fn material(name: &str, extension: &str, bytes: &[u8]) -> Result<Material, Refusal> {
    let limits = Limits::default();
    let lines = |lines: Vec<String>| Material::Report(lines.join("\n"));
    match extension {
        "txt" | "md" | "markdown" => {
            kind::check(name, None, bytes, &[Kind::Text], &limits)?;
            sheet::decode(bytes).map(Material::Report)
        }
        "docx" => docx::read(name, bytes, &limits).map(|d| lines(d.lines())),
        "pdf" => pdf::read(name, bytes, &limits).map(|t| lines(t.lines())),
        "xlsx" | "csv" => sheet::read(name, bytes, &limits).map(Material::Workbook),
        // Plain text is plain text, whatever its file is called.
        _ if Kind::of(bytes) == Kind::Text => sheet::decode(bytes).map(Material::Report),
        // Anything else is refused, by what it is.
        _ => {
            let accepted = [Kind::Text, Kind::Docx, Kind::Pdf, Kind::Xlsx];
            kind::check(name, None, bytes, &accepted, &limits)?;
            Err(Refusal::Unsupported { is: Kind::of(bytes), accepted: accepted.to_vec() })
        }
    }
}
