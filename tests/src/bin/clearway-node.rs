//! The node as the tests start it: the same as the `clearway` binary, and it never outlives the test that started it.
//!
//! A package's tests can only name binaries of their own package, and the tests judge the switch from outside; so this
//! one stands here. It is the library's command line, nothing else.

use std::process::ExitCode;

use rustix::process::{Signal, set_parent_process_death_signal};

/// As in the `clearway` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Without it a test that is killed leaves nodes behind; nothing else depends on it.
    let _ = set_parent_process_death_signal(Some(Signal::KILL));
    clearway::cli::run()
}
