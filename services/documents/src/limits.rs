//! How much a file may ask of this machine.

/// Upper bounds on what is read; [`Limits::default`] suits one school's report or one registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it arrived.
    pub bytes: u64,
    /// Bytes of all parts of an archive once unpacked.
    pub unpacked: u64,
    /// Unpacked bytes for each packed one, for parts above one mebibyte.
    pub ratio: u64,
    /// Parts in an archive.
    pub entries: u64,
    /// Rows in one sheet, the last used row's number included.
    pub rows: u64,
    /// Cells with a content in one workbook; table cells and paragraphs in one text document.
    pub cells: u64,
    /// How deep XML elements may nest.
    pub depth: u64,
    /// Pages of a PDF.
    pub pages: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 50 << 20,
            unpacked: 400 << 20,
            ratio: 300,
            entries: 5_000,
            rows: 200_000,
            cells: 3_000_000,
            depth: 256,
            pages: 2_000,
        }
    }
}

/// One of the bounds of [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bound {
    /// [`Limits::bytes`].
    Bytes,
    /// [`Limits::unpacked`].
    Unpacked,
    /// [`Limits::ratio`].
    Ratio,
    /// [`Limits::entries`].
    Entries,
    /// [`Limits::rows`].
    Rows,
    /// [`Limits::cells`].
    Cells,
    /// [`Limits::depth`].
    Depth,
    /// [`Limits::pages`].
    Pages,
}

impl Bound {
    pub(crate) fn zh(self, limit: u64) -> String {
        match self {
            Self::Bytes => format!("文件大小上限为 {}", size(limit)),
            Self::Unpacked => format!("解压后大小上限为 {}", size(limit)),
            Self::Ratio => format!("压缩比上限为 {limit} 倍"),
            Self::Entries => format!("内含部件上限为 {limit} 个"),
            Self::Rows => format!("每张工作表上限为 {limit} 行"),
            Self::Cells => format!("有内容的单元格或段落上限为 {limit} 个"),
            Self::Depth => format!("内部结构嵌套上限为 {limit} 层"),
            Self::Pages => format!("页数上限为 {limit} 页"),
        }
    }

    pub(crate) fn en(self, limit: u64) -> String {
        match self {
            Self::Bytes => format!("a file may have at most {}", size(limit)),
            Self::Unpacked => format!("its contents may unpack to at most {}", size(limit)),
            Self::Ratio => format!("its contents may be packed at most {limit} to one"),
            Self::Entries => format!("it may hold at most {limit} parts"),
            Self::Rows => format!("a sheet may have at most {limit} rows"),
            Self::Cells => format!("it may have at most {limit} filled cells or paragraphs"),
            Self::Depth => format!("its structure may nest at most {limit} deep"),
            Self::Pages => format!("it may have at most {limit} pages"),
        }
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} B"),
    }
}
