//! The one binary of Zhijian.

use std::process::ExitCode;

/// The work is many small allocations: streamed cells come in a fifth to a third faster than with the system's allocator.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    zhijian::cli::main()
}
