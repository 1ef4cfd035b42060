//! The synthetic hour on its way through journal, table and positions, as a worker would take it.
//!
//! ```text
//!  order --begun--> journal, table, positions --(some thousand others)--> finished, with its particulars --> journal, table, positions
//! ```
//!
//! Two records a payment, and no messages: their evidence would take 95 GB. Payments end in another order than they began.

use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Attachment, Record, RecordKind, Role};
use clearway::domain::statement::Particulars;
use clearway::domain::{Party, Payment, Timing};
use clearway::journal::{AppendError, Journal, Work};
use clearway::positions::Live;
use clearway::table::Table;
use clearway_codec::BeijingTime;

use super::hour::{Hour, Order};
use crate::error::Error;
use crate::interrupt;

/// Payments under way at once.
const UNDER_WAY: usize = 4_096;
/// Payments between two looks at the keyboard.
const LOOK_EVERY: u64 = 65_536;

/// Writes an hour.
pub(super) struct Writer<'a> {
    journal: &'a Journal,
    table: &'a Table,
    live: &'a Live,
    hour: Hour,
    timing: Timing,
    head: Vec<u8>,
    body: Vec<u8>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(journal: &'a Journal, table: &'a Table, live: &'a Live, hour: Hour) -> Self {
        Self { journal, table, live, hour, timing: Timing::default(), head: Vec::new(), body: Vec::new() }
    }

    /// Writes the whole hour and waits for the disk; `tell` how many payments are final.
    ///
    /// # Errors
    /// Ctrl-C, or the journal stops.
    pub(super) fn write(mut self, tell: &mut dyn FnMut(u64)) -> Result<(), Error> {
        let mut under_way: Vec<(Order, Payment)> = Vec::with_capacity(UNDER_WAY);
        for number in 0..self.hour.payments() {
            let order = self.hour.order(number);
            let begun = self.begin(&order)?;
            if under_way.len() < UNDER_WAY {
                under_way.push((order, begun));
            } else {
                // Whoever it replaces has waited for some thousand others, more or less.
                let place = order.draw as usize % UNDER_WAY;
                let (order, begun) = std::mem::replace(&mut under_way[place], (order, begun));
                self.finish(&order, &begun)?;
            }
            if number.is_multiple_of(LOOK_EVERY) {
                interrupt::check()?;
                tell(number);
            }
        }
        under_way.into_iter().try_for_each(|(order, begun)| self.finish(&order, &begun))?;
        tell(self.hour.payments());
        self.journal.flush().map_err(Error::failed("flush the journal"))
    }

    fn begin(&mut self, order: &Order) -> Result<Payment, Error> {
        let begun = order.begun(&self.timing);
        let request = attachment(Role::Request, Party::Institution, order.accepted_at_us, b"");
        let placed = self.record(RecordKind::Accepted, order.accepted_at_us, None, &begun, &[request])?;
        Ok(placed)
    }

    fn finish(&mut self, order: &Order, begun: &Payment) -> Result<(), Error> {
        let (event, done) = order.finished(begun, &self.timing)?;
        let texts = Texts::of(order, &done);
        self.body.clear();
        texts.particulars().encode(&mut self.body);
        let body = std::mem::take(&mut self.body);
        let at_us = done.finished_at_us;
        let attachments = [
            attachment(Role::Receipt, Party::Institution, at_us, b""),
            attachment(Role::Particulars, Party::Institution, at_us, &body),
        ];
        let recorded = self.record(RecordKind::Event(event), at_us, Some(begun), &done, &attachments);
        self.body = body;
        recorded.map(drop)
    }

    fn record(
        &mut self,
        kind: RecordKind,
        at_us: u64,
        before: Option<&Payment>,
        after: &Payment,
        attachments: &[Attachment<'_>],
    ) -> Result<Payment, Error> {
        let (link, original, images) = (LinkNumber::NONE, None, &[][..]);
        let record = Record { kind, at_us, link, payment: after, original, images, attachments };
        self.head.clear();
        record.encode(&mut self.head);
        let mut guard = self.table.lock(after.trx_id);
        let entry = self.live.enter(0, before, after).map_err(Error::failed("enter the books"))?;
        let position = loop {
            match self.journal.append(Work::Running, &[&self.head]) {
                Ok(appended) => break appended.position.as_u64(),
                Err(AppendError::Full) => self.journal.flush().map_err(Error::failed("flush the journal"))?,
                Err(error) => return Err(Error::failed("append a record")(error)),
            }
        };
        let placed = record.payment_at(position);
        match before {
            None => guard.insert(placed).map_err(Error::failed("insert a payment"))?,
            Some(_) => guard.replace(placed),
        }
        entry.book(&placed, position);
        Ok(placed)
    }
}

const fn attachment(role: Role, party: Party, at_us: u64, message: &[u8]) -> Attachment<'_> {
    Attachment { role, party, at_us, message }
}

/// What request and answers would have said.
struct Texts {
    trx_time: [u8; 19],
    sgn_no: String,
    serials: [String; 2],
}

impl Texts {
    fn of(order: &Order, done: &Payment) -> Self {
        let (draw, moves) = (order.draw, done.moves_money());
        let serial = |leg: u64, is_there: bool| {
            if is_there { format!("{}{:012}", 20_261_120 + leg, draw >> 26) } else { String::new() }
        };
        Self {
            trx_time: BeijingTime::from_unix_micros(order.accepted_at_us).to_text(),
            sgn_no: format!("EPTEN{:018}", order.acceptance.account % 1_000_000_000_000_000_000),
            serials: [serial(0, done.leg_two_was_sent()), serial(1, moves)],
        }
    }

    fn particulars(&self) -> Particulars<'_> {
        Particulars {
            biz_tp: b"110001",
            trx_time: &self.trx_time,
            sgn_no: self.sgn_no.as_bytes(),
            serials: [self.serials[0].as_bytes(), self.serials[1].as_bytes()],
        }
    }
}
