//! What cannot be beaten on this machine, and what needs no load: floors, memory, books.

use clearway_crypto::Suite;

use super::Course;
use super::timetable::Part;
use crate::books::{self, Ask, Packing};
use crate::capacity::model::measurements::{SignatureFloor, SyncTimes};
use crate::disk::probe_sync;
use crate::error::Error;
use crate::floors::bytes_per_live_payment;
use crate::interrupt;
use crate::probe::{CryptoFloor, measure_crypto, measure_exchange};
use crate::progress::Display;

/// Threads that make statements.
const BOOKS_THREADS: usize = 2;

impl Course<'_> {
    /// Signatures of every suite, the bare exchange, a small durable write.
    pub(super) fn measure_floors(&mut self) -> Result<(), Error> {
        let expected = self.depth.expected(Part::Floors, 0);
        let _display = Display::start(&self.label(Part::Floors, "signatures, exchange, durable write"), expected);
        for suite in Suite::ALL {
            interrupt::check()?;
            let CryptoFloor { backend, sign_us, verify_us } =
                measure_crypto(suite, self.cores.node, self.depth.crypto_round)?;
            let floor = SignatureFloor { suite: suite.to_string(), backend: backend.to_owned(), sign_us, verify_us };
            self.floors.signatures.push(floor);
        }
        let exchange = measure_exchange(self.cores.node, self.cores.load.first().copied(), self.depth.exchange)?;
        self.floors.exchange_us = exchange.server_cpu_us;
        let sync = probe_sync(self.scratch.path())?;
        self.floors.sync_us = SyncTimes { p50: sync.median_us, p99: sync.p99_us, max: sync.max_us };
        self.writer.write_floors(&self.floors)
    }

    /// What a payment takes in the table.
    pub(super) fn measure_memory(&mut self) -> Result<(), Error> {
        let expected = self.depth.expected(Part::Memory, 0);
        let _display = Display::start(&self.label(Part::Memory, "a table full of payments"), expected);
        match bytes_per_live_payment(self.depth.memory_payments) {
            Ok(bytes) => self.floors.bytes_per_live_payment = Some(bytes),
            Err(error) => {
                interrupt::check()?;
                self.writer.skip("memory of a payment", &error.to_string());
            }
        }
        self.writer.write_floors(&self.floors)
    }

    /// A small hour, closed: bytes and seconds of archive and statements.
    pub(super) fn close_books(&mut self) -> Result<(), Error> {
        let payments = self.depth.books_payments;
        eprintln!("{}", self.label(Part::Books, &format!("an hour of {payments} payments")));
        let ask = Ask {
            folder: self.scratch.folder("hour")?,
            payments,
            seed: self.arguments.seed,
            threads: BOOKS_THREADS,
            compression: Packing::Gzip,
        };
        match books::measure(&ask) {
            Ok(outcome) => self.writer.write_books(&outcome),
            Err(error) => {
                interrupt::check()?;
                self.writer.skip("books of an hour", &error.to_string());
                Ok(())
            }
        }
    }
}
