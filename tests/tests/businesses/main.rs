//! Every business from outside: one node as its own process, banks and institutions that do what each test tells them.

mod admission;
mod books;
mod crash;
mod disputes;
mod gateway;
mod mandates;
mod payouts;
mod races;
mod shelves;
mod signing;
mod stages;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
