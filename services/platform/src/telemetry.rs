//! What the process says of itself: one line an event, for people or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging to standard error. `ZHIJIAN_LOG` filters ("info", "zhijian_platform=debug"); `ZHIJIAN_LOG_FORMAT=json`
/// writes JSON. Without a filter, `default` is in force.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_env("ZHIJIAN_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let json = std::env::var("ZHIJIAN_LOG_FORMAT").is_ok_and(|format| format == "json");
    let layer = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only if logging has been started before, as tests in one process do.
    let _ = if json { registry.with(layer.json()).try_init() } else { registry.with(layer).try_init() };
}
