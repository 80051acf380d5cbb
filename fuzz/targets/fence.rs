//! Panics of other people's parsers are caught inside our readers and told as damage; only ours are crashes.

/// Makes libFuzzer stop at panics in this repository alone.
pub fn raise() {
    std::panic::set_hook(Box::new(|panic| {
        let foreign = panic.location().is_some_and(|l| l.file().contains("/registry/src/"));
        if !foreign {
            eprintln!("{panic}");
            std::process::abort();
        }
    }));
}
