//! The measuring side of Clearway: the one crate that sees the switch and its world, and starts both.
//!
//! ```text
//!   demo, bulkhead, failover  floors, books   instructions        what a user calls
//!               |              |                |
//!        .------+------.   .---+----.      gungraun, baseline
//!       rig          probe  compare  samples                      what they are made of
//!    node + world    floors  peers   fixed inputs
//! ```
//!
//! It **is** the demo, the table of floors with their goals, micro-benchmarks and comparisons with peers. It is **not** a
//! test of behaviour (those are in `tests/`) and not a load generator for other machines (that is `clearway-loadgen`):
//! everything here runs on one machine and talks to loopback alone.
//!
//! ```
//! use clearway_bench::cpu::Cores;
//!
//! // A figure is taken with the node on a core of its own where there are two.
//! let cores = Cores::among(&[0, 1]);
//! assert_eq!((cores.node, cores.load), (Some(0), vec![1]));
//! ```
//!
//! Every figure is a ratio to something measured in the same run, is printed with its suite, durability and machine, and
//! is marked INVALID when the generator itself was the limit. Limits: Linux; one node; runs are bounded in time.

pub mod allocation;
pub mod books;
pub mod bulkhead;
pub mod capacity;
pub mod cli;
pub mod compare;
pub mod cpu;
pub mod demo;
pub mod disk;
pub mod error;
pub mod failover;
pub mod floors;
pub mod generators;
pub mod history;
pub mod instructions;
pub mod interrupt;
pub mod machine;
pub mod network;
pub mod probe;
pub mod progress;
pub mod rig;
pub mod samples;

pub use error::Error;
