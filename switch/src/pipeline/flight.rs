//! What a worker keeps of a payment that is not finished: the message itself, the open exchange, what the banks said.
//!
//! The table holds the small, durable part of every payment; this is the large, short-lived part of the few that are
//! under way, and it can always be rebuilt from the journal. A payment that rests with a person has none;
//! whichever worker gets the news reads it back. Invariant: what a flight holds can be read back from the journal, its exchange aside.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use bytes::Bytes;
use clearway_codec::catalogue::Field;
use clearway_codec::{Checked, Fields};

use crate::domain::statement::Particulars;
use crate::domain::transaction::Leg;
use crate::metrics::{Passage, Stage};
use crate::net::{Exchange, Sent};
use crate::sensitive::Clear;

/// A payment under way.
#[derive(Debug)]
pub(crate) struct Flight {
    /// The institution's message, as received.
    pub(crate) request: Bytes,
    /// Where its elements stand.
    pub(crate) fields: Fields,
    /// The institution's exchange, until it is answered.
    pub(crate) exchange: Option<Exchange>,
    /// The banks' serials (`DbtrBankId`, `CdtrBankId`) as they wrote them.
    pub(crate) serials: [Option<Bytes>; 2],
    /// The answer to leg 1, where the receipt repeats elements of it.
    pub(crate) answer: Option<Box<(Bytes, Fields)>>,
    /// The sensitive values of request and answer, if there are any.
    pub(crate) clear: Option<Box<Clear>>,
    /// Microseconds spent waiting for the banks so far.
    pub(crate) bank_wait_us: u64,
    /// Where its time has gone, until its receipt takes it along: nothing that happens to the payment afterwards counts.
    pub(crate) passage: Option<Passage>,
    /// The final receipt, until it is known to be delivered.
    pub(crate) receipt: Option<Bytes>,
    /// Channels over which a leg could not be sent.
    pub(crate) tried: Vec<(Leg, u8)>,
    /// The last wave that took an event of this payment.
    pub(crate) wave: u64,
}

/// Payments that rest with a person: their flights are read back from the journal when there is news.
pub(crate) type Parked = HashSet<u128, foldhash::fast::RandomState>;

/// All payments under way on one worker, by transaction id.
pub(crate) type Flights = HashMap<u128, Box<Flight>, foldhash::fast::RandomState>;

impl Flight {
    /// A payment that has just been admitted, or was found unfinished in the journal.
    pub(crate) fn new(request: Bytes, fields: Fields, exchange: Option<Exchange>) -> Box<Self> {
        let passage = exchange.as_ref().map(|exchange| {
            let mut passage = Passage::begin(exchange.first_byte);
            passage.reach(Stage::Read, exchange.whole);
            passage
        });
        Box::new(Self {
            request,
            fields,
            exchange,
            serials: [None, None],
            answer: None,
            clear: None,
            bank_wait_us: 0,
            passage,
            receipt: None,
            tried: Vec::new(),
            wave: 0,
        })
    }

    /// The institution's message as it was checked when it came.
    pub(crate) fn message(&self) -> Checked<'_> {
        Checked::from_parts(&self.request, &self.fields)
    }

    /// It was in `stage` until `at`.
    pub(crate) fn reach(&mut self, stage: Stage, at: Instant) {
        if let Some(passage) = &mut self.passage {
            passage.reach(stage, at);
        }
    }

    /// A message of it was out at a participant, and what came of that is there since `came`.
    pub(crate) fn hear(&mut self, sent: Sent, came: Instant) {
        self.reach(Stage::Forward, sent.written.unwrap_or(came));
        self.reach(Stage::BankWait, sent.answered.unwrap_or(came));
        self.reach(Stage::Read, came);
    }

    /// What the bank of leg 1 answered, where that is kept.
    pub(crate) fn answer(&self) -> Option<Checked<'_>> {
        self.answer.as_deref().map(|(bytes, fields)| Checked::from_parts(bytes, fields))
    }

    /// What the statements say of it beside its after-image.
    pub(crate) fn particulars(&self) -> Particulars<'_> {
        let request = self.message();
        let said = |field| request.field(field).unwrap_or_default();
        Particulars {
            biz_tp: said(Field::BizTp),
            trx_time: said(Field::TrxDtTm),
            sgn_no: said(Field::SgnNo),
            serials: Leg::ALL.map(|leg| self.serial(leg).unwrap_or_default()),
        }
    }

    /// Notes that a leg could not be sent over a channel.
    pub(crate) fn note_tried(&mut self, leg: Leg, way: u8) {
        if !self.tried.contains(&(leg, way)) {
            self.tried.push((leg, way));
        }
    }

    /// The channels over which a leg could not be sent.
    pub(crate) fn tried(&self, leg: Leg) -> Vec<u8> {
        self.tried.iter().filter(|(of, _)| *of == leg).map(|(_, way)| *way).collect()
    }

    /// The serial the bank of `leg` gave, if it has answered.
    pub(crate) fn serial(&self, leg: Leg) -> Option<&[u8]> {
        self.serials.get(leg.index()).and_then(|serial| serial.as_deref())
    }
}
