//! One worker's part of the books: what the changes that it made come to.
//!
//! A payment may enter a batch on one worker and leave it on another, so the unfinished ones of one sheet may be fewer than none; only
//! the sum over all sheets means something.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::delta::Delta;
use crate::domain::clearing::{BatchName, CellKey, Positions, Sum, cells_of};
use crate::domain::transaction::Payment;

/// What one worker knows of one batch.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) batch: BatchName,
    pub(super) is_closed: bool,
    pub(super) open: i64,
    /// `u64::MAX` as long as nothing has entered here.
    pub(super) first_position: u64,
    cells: HashMap<CellKey, Sum, RandomState>,
}

/// One worker's part.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    /// Few, and the newest is nearly always meant: searched from the back.
    pages: Vec<Page>,
}

impl Page {
    fn new(batch: BatchName) -> Self {
        Self { batch, is_closed: false, open: 0, first_position: u64::MAX, cells: HashMap::default() }
    }

    fn note_position(&mut self, position: u64) {
        self.first_position = self.first_position.min(position);
    }

    fn book(&mut self, payment: &Payment) {
        for key in cells_of(payment).into_iter().flatten() {
            let cell = self.cells.entry(key).or_default();
            *cell = cell.plus(Sum { count: 1, amount_fen: payment.amount_fen });
        }
    }

    /// Adds its cells to `positions`.
    pub(super) fn add_to(&self, positions: &mut Positions) {
        self.cells.iter().for_each(|(key, sum)| positions.add(*key, *sum));
    }
}

impl Sheet {
    pub(super) fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub(super) fn page(&self, batch: BatchName) -> Option<&Page> {
        self.pages.iter().rev().find(|page| page.batch == batch)
    }

    pub(super) fn known_mut(&mut self, batch: BatchName) -> Option<&mut Page> {
        self.pages.iter_mut().rev().find(|page| page.batch == batch)
    }

    /// The page of a batch, a new one if it has none yet.
    pub(super) fn page_mut(&mut self, batch: BatchName) -> &mut Page {
        let at = self.pages.iter().rposition(|page| page.batch == batch);
        let at = at.unwrap_or_else(|| {
            let at = self.pages.partition_point(|page| page.batch < batch);
            self.pages.insert(at, Page::new(batch));
            at
        });
        &mut self.pages[at]
    }

    pub(super) fn remove(&mut self, batch: BatchName) {
        self.pages.retain(|page| page.batch != batch);
    }

    /// Does what a change of `payment` does, whose record stands at `position`.
    pub(super) fn apply(&mut self, delta: &Delta, payment: &Payment, position: u64) {
        if let Some(left) = delta.leaves {
            self.page_mut(left).open -= 1;
        }
        if let Some(entered) = delta.enters {
            self.page_mut(entered).open += 1;
        }
        if let Some(booked) = delta.books {
            self.page_mut(booked).book(payment);
        }
        if let Some(new) = delta.new_in() {
            self.page_mut(new).note_position(position);
        }
    }
}
