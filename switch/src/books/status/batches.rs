//! The batches, in the order of time.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::keeper::Board;
use super::super::{BatchEntry, Kept};
use crate::domain::clearing::{BatchName, BatchPhase};
use crate::error::Error;
use crate::positions::{BatchView, Live};
use crate::registers::Registers;

/// Most batches that are listed of those with which nothing is left to do.
const DONE_MAX: usize = 24;

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchLine {
    /// Its name.
    pub batch: String,
    /// `open`, `closing`, or the word of its phase.
    pub phase: &'static str,
    /// Since when, unix microseconds; an open one since its hour began.
    pub since_us: Option<u64>,
    /// Final payments in it.
    pub payments: u64,
    /// Payments that it waits for.
    pub unfinished: u64,
    /// Fen that have moved, once it is closed.
    pub moved_fen: Option<u64>,
    /// Clearing banks that owe or are owed something, once it is closed.
    pub banks: Option<usize>,
    /// What it waits for, and why what is to be done with it fails.
    pub waits_for: Option<String>,
    /// Until when it waits for its payments at most, unix microseconds: presumption ends them. Later if the node was down.
    pub closes_by_us: Option<u64>,
}

/// Where the batches are looked up.
#[derive(Debug, Clone, Copy)]
pub struct BatchLook<'a> {
    /// Those that are closed.
    pub registers: &'a Registers,
    /// Those that are open.
    pub live: &'a Live,
    /// What the keeper says.
    pub board: &'a Board,
    /// How long a payment takes at most, microseconds.
    pub finality_us: u64,
}

impl BatchLook<'_> {
    /// All batches with which something is left to do, and the newest of the others.
    ///
    /// # Errors
    /// An entry that cannot be read.
    pub fn lines(&self) -> Result<Vec<BatchLine>, Error> {
        let closed = BatchEntry::all(self.registers)?;
        let done = closed.values().filter(|kept| is_done(kept)).count();
        let mut passed_over = done.saturating_sub(DONE_MAX);
        let mut lines = BTreeMap::new();
        for (batch, kept) in &closed {
            if is_done(kept) && passed_over > 0 {
                passed_over -= 1;
            } else {
                lines.insert(*batch, self.closed(*batch, kept));
            }
        }
        let open = self.live.batches().into_iter().filter(|view| !closed.contains_key(&view.batch));
        lines.extend(open.map(|view| (view.batch, self.open(&view))));
        Ok(lines.into_values().collect())
    }

    fn closed(&self, batch: BatchName, kept: &Kept<BatchEntry>) -> BatchLine {
        let entry = &kept.content;
        BatchLine {
            batch: batch.to_string(),
            phase: entry.phase.word(),
            since_us: entry.reached_us.get(&entry.phase).copied(),
            payments: entry.payments,
            unfinished: 0,
            moved_fen: Some(entry.moved_fen),
            banks: Some(entry.nets_fen.len()),
            waits_for: match entry.phase {
                BatchPhase::Stopped => Some("a person: clearway books cases list".to_owned()),
                _ => self.why(batch),
            },
            closes_by_us: None,
        }
    }

    fn open(&self, view: &BatchView) -> BatchLine {
        let ends_us = view.batch.ends_us();
        BatchLine {
            batch: view.batch.to_string(),
            phase: if view.is_closed { "closing" } else { "open" },
            since_us: view.is_closed.then_some(ends_us),
            payments: view.booked,
            unfinished: view.open,
            moved_fen: None,
            banks: None,
            waits_for: self.why(view.batch).or_else(|| (!view.is_closed).then(|| "its hour".to_owned())),
            closes_by_us: Some(ends_us.saturating_add(self.finality_us)),
        }
    }

    fn why(&self, batch: BatchName) -> Option<String> {
        let trouble = self.board.trouble(batch)?;
        let failed = if trouble.attempts == 0 {
            String::new()
        } else {
            format!("{} failed {} times: ", trouble.task, trouble.attempts)
        };
        Some(failed + &trouble.why)
    }
}

fn is_done(kept: &Kept<BatchEntry>) -> bool {
    kept.content.phase == BatchPhase::Retired
}
