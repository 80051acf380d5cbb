//! The one binary of Zhijian.

use std::process::ExitCode;

fn main() -> ExitCode {
    zhijian::cli::main()
}
