//! Mutual TLS from outside: who is refused, in both directions and both versions, and what a change of certificates costs.

mod incoming;
mod outgoing;
mod reload;

use clearway_tests::site::Site;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");

/// A site whose banks are healthy.
fn site() -> Site {
    Site::new(NODE)
}
