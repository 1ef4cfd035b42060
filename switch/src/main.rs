//! The `clearway` binary: an allocator and a call. Everything is in the library.

use std::process::ExitCode;

/// hyper allocates for every exchange.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    clearway::cli::run()
}
