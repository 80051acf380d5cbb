//! How a cell looks and whether it may be typed into.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

/// What a cell is for; decides colours and borders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Nothing special.
    Plain,
    /// The sheet's title.
    Title,
    /// A column's heading.
    Heading,
    /// A group's name across a table.
    Group,
    /// A row's name.
    Label,
    /// Where people type.
    Input,
    /// A value shown for comparison, such as last year's.
    Reference,
    /// An explanation in small grey print.
    Remark,
}

/// How a cell looks and whether it may be typed into once its sheet is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Look {
    role: Role,
    unlocked: bool,
    decimals: Option<u8>,
    wrap: bool,
    text: bool,
}

impl Look {
    /// Nothing special.
    pub const PLAIN: Self = Self::of(Role::Plain);
    /// The sheet's title.
    pub const TITLE: Self = Self::of(Role::Title);
    /// A column's heading; wraps.
    pub const HEADING: Self = Self { wrap: true, ..Self::of(Role::Heading) };
    /// A group's name across a table.
    pub const GROUP: Self = Self::of(Role::Group);
    /// A row's name; wraps.
    pub const LABEL: Self = Self { wrap: true, ..Self::of(Role::Label) };
    /// Where people type: unlocked.
    pub const INPUT: Self = Self { unlocked: true, ..Self::of(Role::Input) };
    /// A value for comparison.
    pub const REFERENCE: Self = Self::of(Role::Reference);
    /// An explanation; wraps.
    pub const REMARK: Self = Self { wrap: true, ..Self::of(Role::Remark) };

    const fn of(role: Role) -> Self {
        Self { role, unlocked: false, decimals: None, wrap: false, text: false }
    }

    /// Shows numbers with thousands separators and this many decimals, at most 9.
    #[must_use]
    pub const fn decimals(self, decimals: u8) -> Self {
        Self { decimals: Some(if decimals > 9 { 9 } else { decimals }), ..self }
    }

    /// Breaks long texts into lines.
    #[must_use]
    pub const fn wrap(self) -> Self {
        Self { wrap: true, ..self }
    }

    /// May be typed into although the sheet is protected.
    #[must_use]
    pub const fn unlocked(self) -> Self {
        Self { unlocked: true, ..self }
    }

    /// What is typed stays text, formulas included: for codes.
    #[must_use]
    pub const fn as_text(self) -> Self {
        Self { text: true, ..self }
    }

    pub(super) fn format(self) -> Format {
        const INK: Color = Color::RGB(0x1F_2933);
        const LINE: Color = Color::RGB(0xC9_D1D9);
        let plain = Format::new().set_font_color(INK).set_align(FormatAlign::VerticalCenter);
        let framed = |f: Format| f.set_border(FormatBorder::Thin).set_border_color(LINE);
        let mut format = match self.role {
            Role::Plain => plain,
            Role::Title => plain.set_bold().set_font_size(16),
            Role::Heading => framed(plain)
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_background_color(Color::RGB(0x1F_4E79))
                .set_font_color(Color::White),
            Role::Group => framed(plain).set_bold().set_background_color(Color::RGB(0xDD_E7F0)),
            Role::Label => framed(plain).set_background_color(Color::RGB(0xF5_F7F9)),
            Role::Input => framed(plain).set_background_color(Color::RGB(0xFF_FBE6)),
            Role::Reference => framed(plain).set_font_color(Color::RGB(0x6B_7785)),
            Role::Remark => plain.set_font_size(9).set_font_color(Color::RGB(0x6B_7785)),
        };
        if self.unlocked {
            format = format.set_unlocked();
        }
        if self.wrap {
            format = format.set_text_wrap();
        }
        if self.text {
            // Without it, Excel reads the text anew when the cell is edited.
            format = format.set_num_format("@").set_quote_prefix();
        } else if let Some(decimals) = self.decimals {
            let zeros = "0".repeat(usize::from(decimals));
            format =
                format.set_num_format(if decimals == 0 { "#,##0".into() } else { format!("#,##0.{zeros}") });
        }
        format
    }
}
