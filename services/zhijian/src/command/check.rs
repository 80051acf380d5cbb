//! `zhijian check`: proofreads reports on this machine, without a server.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use zhijian_proofreader::{Finding, Options, Severity};

/// What to proofread and how to print it.
#[derive(Args)]
pub struct Arguments {
    /// Reports as UTF-8 text: .txt or .md
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

const CLEAN: u8 = 0;
const ERRORS: u8 = 1;
const UNUSABLE: u8 = 2;

/// Proofreads the files. Status 0: no finding of severity error; 1: some; 2: a file cannot be used.
pub fn run(arguments: &Arguments) -> ExitCode {
    let mut findings = Vec::new();
    for file in &arguments.files {
        let usable = file.extension().is_some_and(|extension| extension == "txt" || extension == "md");
        let text = match fs::read_to_string(file) {
            Ok(text) if usable => text,
            Ok(_) => {
                eprintln!("zhijian: {}: only .txt and .md files can be checked", file.display());
                return UNUSABLE.into();
            }
            Err(error) => {
                eprintln!("zhijian: cannot read {} as UTF-8 text: {error}", file.display());
                return UNUSABLE.into();
            }
        };
        let found = zhijian_proofreader::check(&text, &Options::default());
        if arguments.format == Format::Text {
            for finding in &found {
                println!("{}:{}: {} [{}]", file.display(), finding.line, finding.message_zh, finding.rule);
                println!("    {}", finding.message_en);
            }
        }
        findings.extend(found);
    }
    if arguments.format == Format::Json {
        match serde_json::to_string_pretty(&serde_json::json!({ "findings": findings })) {
            Ok(json) => println!("{json}"),
            Err(error) => {
                eprintln!("zhijian: {error}");
                return UNUSABLE.into();
            }
        }
    }
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    if findings.iter().any(is_error) { ERRORS.into() } else { CLEAN.into() }
}
