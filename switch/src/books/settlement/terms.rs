//! What settlement goes by, what it asks, and what it says that it did.

use clearway_codec::value::{BatchId, InstitutionId};
use clearway_crypto::FileDigest;

use crate::config::BooksSection;
use crate::domain::calendar::Calendar;
use crate::domain::clearing::{BatchName, Sessions};

/// What settlement goes by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// When the large-value system works.
    pub sessions: Sessions<'a>,
    /// Yearly rate of interest on advances, millionths.
    pub interest_ppm: u32,
    /// Id of the switch, the central counterparty.
    pub switch: InstitutionId,
    /// What files are digested with.
    pub digest: FileDigest,
}

impl<'a> Terms<'a> {
    /// As configured.
    #[must_use]
    pub fn new(calendar: &'a Calendar, books: &BooksSection, switch: InstitutionId) -> Self {
        Self {
            sessions: Sessions { calendar, close_hour: books.hvps_close_hour },
            interest_ppm: books.interest_ppm,
            switch,
            digest: books.digest.algorithm(),
        }
    }
}

/// What settlement asks about batches that have no entry yet.
pub trait Batches {
    /// The first hour of the books: of what is open, and of what is closed.
    fn first(&self) -> Option<BatchId>;

    /// Whether a batch without an entry is still to get one.
    fn is_awaited(&self, batch: BatchName) -> bool;
}

/// What a turn has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Did {
    /// Sessions held.
    pub sessions: usize,
    /// Answers taken, bad ones too.
    pub answers: usize,
    /// Changes of orders: released, written, overdue, made again.
    pub orders: usize,
    /// Days of which clearing banks were told.
    pub notices: usize,
}

impl Did {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
