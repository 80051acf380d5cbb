//! `zhijian check`: proofreads reports on this machine, without a server.

mod against;
mod figures;
mod input;
mod registry;
mod sarif;
mod show;

use std::{path::PathBuf, process::ExitCode};

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use zhijian_proofreader::{Finding, Options, Severity, Window};

use input::Material;

const EXAMPLES: &str = "\
Examples / 示例:
  zhijian check report.docx                                  one report / 校对一份报告
  zhijian check report.docx figures.xlsx                     text against cells / 文表核对
  zhijian check report.pdf --window 2024-09-01..2025-08-31   events outside the window / 观测期
  zhijian check report.md --registry institutions.csv        names / 按名录核对校名
  zhijian check new.docx --against old.docx others/*.docx    shared passages / 查重
  zhijian check *.docx --format sarif > findings.sarif       for editors / 供编辑器使用

A registry (.csv, .xlsx) has the columns 名称, 简称, 曾用名, 停用日期; in .toml it is a list of
[[institution]] with name, short = [], former = [{ name, until }], in .json the same under
\"institution\"; a .txt has a name a line.
Data tables have the columns 指标, 单位 and 本年 (or the year), or rows of a name and a number.

Exit status: 0 no error found, 1 errors found, 2 a file or an option cannot be used.";

/// What to proofread, what to compare it with, and how to print it.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Reports (.txt, .md, .docx, .pdf); workbooks of data (.xlsx, .csv) beside them are compared with their text
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Institutions with their short and former names (.csv, .xlsx, .toml, .json, .txt)
    #[arg(long, value_name = "FILE")]
    registry: Option<PathBuf>,
    /// The days the reports observe, such as 2024-09-01..2025-08-31; else taken from each report
    #[arg(long, value_name = "FROM..TO", value_parser = window)]
    window: Option<Window>,
    /// Last year's reports and other institutions', to find shared passages
    #[arg(long, value_name = "FILE", num_args = 1..)]
    against: Vec<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for editors and code review
    Sarif,
}

const CLEAN: u8 = 0;
const ERRORS: u8 = 1;
const UNUSABLE: u8 = 2;

/// A report and what was found in it.
struct Checked {
    /// The file as it was named.
    file: String,
    findings: Vec<Finding>,
}

/// Proofreads the files. Status 0: no finding of severity error; 1: some; 2: a file or an option cannot be used.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut unusable = false;
    let mut refuse = |message: String| {
        eprintln!("zhijian: {message}");
        unusable = true;
    };
    let mut reports = Vec::new();
    let mut options = Options { window: arguments.window, ..Options::default() };
    let mut sheets = Vec::new();
    for file in &arguments.files {
        match input::read(file) {
            Ok(Material::Report(text)) => reports.push((file.display().to_string(), text)),
            Ok(Material::Workbook(book)) => sheets.push(book),
            Err(message) => refuse(message),
        }
    }
    if let Some(file) = &arguments.registry {
        match registry::read(file) {
            Ok(registry) => options.registry = registry,
            Err(message) => refuse(message),
        }
    }
    let mut others = Vec::new();
    for file in &arguments.against {
        match input::read(file) {
            Ok(Material::Report(text)) => others.push((file.display().to_string(), text)),
            Ok(Material::Workbook(_)) => refuse(format!(
                "{}: 对比对象应是报告，不是表格。--against takes reports, not workbooks.",
                file.display()
            )),
            Err(message) => refuse(message),
        }
    }
    if reports.is_empty() && !sheets.is_empty() {
        refuse("只有表格，没有报告。There are workbooks, but no report to check against them.".into());
    }
    let year = arguments.window.map(|w| w.to);
    options.figures = sheets.iter().flat_map(|book| figures::of(book, year)).collect();
    let checked: Vec<Checked> = reports
        .into_iter()
        .map(|(file, text)| {
            let (previous, others) = against::sorted(&text, &others);
            let options = Options { previous, others, ..options.clone() };
            Checked { file, findings: zhijian_proofreader::check(&text, &options) }
        })
        .collect();
    let printed = match arguments.format {
        Format::Text => Ok(show::text(&checked)),
        Format::Json => show::json(&checked),
        Format::Sarif => sarif::document(&checked),
    };
    match printed {
        Ok(text) => print(&text),
        Err(error) => refuse(error.to_string()),
    }
    let errors = checked.iter().flat_map(|c| &c.findings).any(|f| f.severity == Severity::Error);
    match (unusable, errors) {
        (true, _) => UNUSABLE.into(),
        (false, true) => ERRORS.into(),
        (false, false) => CLEAN.into(),
    }
}

/// Prints, and does not mind a reader that went away, such as `head`.
fn print(text: &str) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn window(text: &str) -> Result<Window, String> {
    let day = |text: &str| {
        text.trim().parse::<NaiveDate>().map_err(|_| {
            format!("“{0}”不是 2024-09-01 这样的日期。“{0}” is not a day such as 2024-09-01", text.trim())
        })
    };
    let (from, to) = text
        .split_once("..")
        .ok_or("应写成 起..止，如 2024-09-01..2025-08-31。It is FROM..TO, such as 2024-09-01..2025-08-31")?;
    let window = Window { from: day(from)?, to: day(to)? };
    if window.from > window.to {
        Err("终止日早于起始日。It ends before it begins".into())
    } else {
        Ok(window)
    }
}
