//! Crashes and damaged disks: nothing acknowledged is lost, nothing is debited twice, everything ends.

mod checkpoint;
mod crash;
mod damage;
mod driver;
mod every_business;
mod full_disk;
mod kills;
mod shelves;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
