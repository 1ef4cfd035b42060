//! Puts payments on shelves beside a node, without waiting for its hours to be over.

use std::sync::Arc;

use clearway::books::{NoSteps, Retirement, Silent};
use clearway::journal::{Journal, Options};
use clearway::recovery::{Memory, restore};
use clearway::registers::Registers;
use clearway::shelf::Shelves;
use clearway::table::{Orders, Table};
use clearway_codec::BatchId;

use crate::institution::beijing_now;
use crate::site::Site;

/// Has every finished payment of a node that does not run put on a shelf; how many have left the memory.
///
/// # Panics
/// If the node still runs, or its folder is not as it left it.
#[must_use]
pub fn put_away(site: &Site) -> u64 {
    let folder = site.journal();
    let mut options = Options::new(&folder);
    (options.segment_bytes, options.reserve_bytes) = (8 << 20, 8 << 20);
    let (journal, recovered) = Journal::open(options).expect("the node has ended");
    let now = beijing_now();
    let shelves = Shelves::open(&site.dir().join("books").join("shelf"), now).expect("shelves");
    let (table, registers) = (Arc::new(Table::new(64, 200_000)), Arc::new(Registers::new(10_000)));
    let memory = Memory { table, registers, shelves: Arc::new(shelves) };
    restore(&folder, &journal, &recovered, &memory).expect("restored");
    let (steps, progress, orders) = (&NoSteps, &Silent, &Orders::default());
    let (table, shelves, journal) = (&*memory.table, &*memory.shelves, &journal);
    let retirement = Retirement { table, orders, shelves, journal, steps, progress };
    let batch = BatchId::at(now).to_string().parse().expect("a batch");
    let retired = retirement.run(batch, &|_| true, now.unix_micros()).expect("retired");
    println!("{retired:?}, {} stay", table.len());
    retired.left
}
