//! The switch judged from outside: what a test needs to run a real node, to write to it, and to see what it did.
//!
//! ```text
//!   Site (a folder, keys, ports, simulated banks and institutions)
//!     |  start()                     institution(n).send(letter)
//!     v                                    |
//!   NodeProcess <------ HTTP, as on the wire ------ Letter -> signed bytes
//!     |  kill(), terminate()               |
//!     v                                    v
//!   exit code, log                   Answer (signature verified)   books() of the banks
//! ```
//!
//! A [`scene::Scene`] is a site whose banks and institutions do what the test tells them, message by message ([`party::Party`]):
//! what a test of one business needs. The simulated ones draw what they do: what a test of many payments needs.
//!
//! Between the node and a bank may stand a [`proxy::FaultProxy`], which does what lines do ([`wiring`] puts it there, and gives a bank
//! several), and a [`tls::Front`], which ends TLS with any certificate that [`pki`] makes; [`secure::Secured`] is a whole site so.
//!
//! The node is always a process of its own, so that it can be killed, and it runs with its journal on a real disk. Only
//! public faces are used: the wire, the command line, the admin pages, and `clearway::init` to write a configuration.
//!
//! What it is not: load (that is `clearway-loadgen`, which the crash test uses), and not a place for tests of one module,
//! which stand beside the module. The tests are in `tests/`, one folder and one binary a topic; [`invariant`] holds what
//! the fuzz targets in `tests/fuzz` check, so that a finding becomes a test that every `cargo test` repeats.
//!
//! ```
//! use clearway_tests::seed::Seed;
//!
//! // Randomness comes from a seed that is printed; CLEARWAY_SEED repeats a run.
//! let mut draws = Seed::of_test("an example").draws();
//! assert!(draws.below(10) < 10);
//! ```
//!
//! Limits: Linux; waiting is by looking again and again with a time limit that is an error to reach, never by a fixed
//! pause that is hoped to be enough.

pub mod admin;
pub mod answer;
pub mod catalogue;
pub mod http;
pub mod institution;
pub mod invariant;
pub mod letter;
pub mod party;
pub mod pki;
pub mod planted;
pub mod port;
pub mod process;
pub mod proxy;
pub mod requirement;
pub mod scene;
pub mod secure;
pub mod seed;
pub mod shelf;
pub mod site;
pub mod tls;
pub mod wait;
pub mod wiring;
