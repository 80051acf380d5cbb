//! What the printed form of a number says about how it is written.

/// How a number is printed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shown {
    /// Digits after the point.
    pub decimals: usize,
    /// Whether thousands are parted by commas.
    pub grouped: bool,
    /// What follows the digits ("%").
    pub suffix: String,
}

impl Shown {
    /// Reads the printed form; `None` if it is no number, as "<5" or "—".
    pub fn of(display: &str) -> Option<Self> {
        let unsigned = display.strip_prefix('-').unwrap_or(display);
        let end =
            unsigned.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(unsigned.len());
        let (digits, suffix) = unsigned.split_at(end);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = whole.starts_with(|c: char| c.is_ascii_digit())
            && !fraction.contains(['.', ','])
            && digits.ends_with(|c: char| c.is_ascii_digit())
            && !suffix.contains(|c: char| c.is_ascii_digit());
        is_number.then(|| Self {
            decimals: fraction.len(),
            grouped: whole.contains(','),
            suffix: suffix.trim().to_owned(),
        })
    }

    /// The format in a spreadsheet's language.
    pub fn spreadsheet_format(&self) -> String {
        let whole = if self.grouped { "#,##0" } else { "0" };
        let fraction =
            if self.decimals == 0 { String::new() } else { format!(".{}", "0".repeat(self.decimals)) };
        // In quotes: a bare % would multiply by a hundred.
        let suffix = if self.suffix.is_empty() {
            String::new()
        } else {
            format!("\"{}\"", self.suffix.replace('"', ""))
        };
        format!("{whole}{fraction}{suffix}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_tables_print() {
        let format = |display: &str| Shown::of(display).map(|shown| shown.spreadsheet_format());
        assert_eq!(format("94.26%").as_deref(), Some("0.00\"%\""));
        assert_eq!(format("-4767.7").as_deref(), Some("0.0"));
        assert_eq!(format("232441").as_deref(), Some("0"));
        assert_eq!(format("232,441").as_deref(), Some("#,##0"));
        for words in ["—", "", "<5", "5–9", "A+", "1.", ".5", "1.2.3", "2-1"] {
            assert_eq!(format(words), None, "{words}");
        }
    }
}
