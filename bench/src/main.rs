//! The `clearway-bench` binary: an allocator and a call. Everything is in the library.

use std::process::ExitCode;

use clearway_bench::allocation::CountingAllocator;

/// The allocator of the switch's own binary, so that the node that is started from here behaves like it; counting only when asked.
#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    clearway_bench::cli::run()
}
