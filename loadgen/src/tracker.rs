//! What the institutions know: the fate of every transaction they sent.
//!
//! ```text
//! scheduled --no room--> dropped (never a transaction)
//!     |
//!     +--> sent --> refused (signed 303)      the switch did not take it
//!             |---> told 02                   taken, still open
//!             |---> told 00 01 03 04          final
//!             |---> no connection             never left
//!             `---> anything else             unknown, to be queried
//! ```
//!
//! Invariant: a final state once told is never overwritten; a second, different one is kept beside it as a
//! contradiction for the oracle. The tracker only remembers, it does not judge. Owned by the sending thread during a
//! run and handed out afterwards, so that it needs no lock.

use crate::business::Business;
use crate::clock::unix_micros;
use crate::compose::{is_of_bank, run_number_of};
use crate::roster::Roster;
use crate::sgn_no::SgnNo;
use crate::transactions::TransactionMap;
use clearway_codec::{ReturnCode, TrxId, TrxStatus};
use std::sync::Arc;

/// Whom an entrusted payment goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Payee {
    /// The institution's reserve account, as all other payments.
    #[default]
    Reserve,
    /// A company's account at a bank.
    Company,
    /// A person's account at a bank: not allowed from a person's.
    Person,
}

/// What was asked, as far as the judgement needs it. Banks and institutions are places in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Kind of transaction.
    pub business: Business,
    /// The institution that sent it.
    pub institution: u16,
    /// The bank of leg 1.
    pub debit_bank: u16,
    /// The bank of leg 2; that of leg 1 where there is only one.
    pub credit_bank: u16,
    /// Amount in fen; 0 where no money moves.
    pub fen: u64,
    /// Time written in TrxDtTm, in seconds since 1970-01-01 UTC: a query must repeat it.
    pub started_s: u64,
    /// The payment that this refunds; `None` for a payment.
    pub original: Option<TrxId>,
    /// The agreement or mandate that it uses or ends.
    pub contract: Option<SgnNo>,
    /// Whom the money goes to.
    pub payee: Payee,
    /// Whether the rules forbid it, and it was sent for that: the switch must refuse it, or let it fail.
    pub is_forbidden: bool,
    /// Whether its request was changed after it was signed: nothing may come of it.
    pub is_altered: bool,
}

/// What the switch said to the close of a gateway order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It is closed: its end is 01.
    Done,
    /// Too late: it is paid.
    Paid,
    /// Too late: it has failed.
    Failed,
    /// There is no such order.
    Unknown,
}

/// A receipt as the switch sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// State in it.
    pub status: TrxStatus,
    /// Digest of the receipt's bytes, when it was one: a stored receipt must come again byte for byte.
    pub receipt: Option<u64>,
    /// Business code beside it.
    pub code: Option<ReturnCode>,
    /// Number of what the transaction opened.
    pub contract: Option<SgnNo>,
}

impl Told {
    /// A state and nothing else.
    pub const fn status(status: TrxStatus) -> Self {
        Self { status, receipt: None, code: None, contract: None }
    }
}

/// What became of one transaction, as its institution sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// What was asked.
    pub order: Order,
    /// Times its request was handed to the network.
    pub sends: u16,
    /// Of those, the times that no connection could be made: certainly not received.
    pub unsent: u16,
    /// Of those, the times that the switch refused it with a signed 303.
    pub refusals: u16,
    /// Of those, the times that nothing usable came back.
    pub silences: u16,
    /// Code of the last refusal.
    pub refusal: Option<ReturnCode>,
    /// The switch said, signed, that it has taken the transaction, whatever its state.
    pub acknowledged: bool,
    /// First final state told, by receipt or by query.
    pub status: Option<TrxStatus>,
    /// A different final state told later: illegal.
    pub contradiction: Option<TrxStatus>,
    /// Digest of the first final receipt.
    pub receipt: Option<u64>,
    /// A later final receipt had other bytes: illegal.
    pub receipt_changed: bool,
    /// The switch answered a query with "no such transaction" and has not taken it back since.
    pub denied: bool,
    /// Business code of the first final state.
    pub code: Option<ReturnCode>,
    /// Number of the agreement or mandate that it opened.
    pub opened: Option<SgnNo>,
    /// Another number was told later: illegal.
    pub opened_changed: bool,
    /// When it was first sent, in microseconds since 1970-01-01 UTC.
    pub sent_us: u64,
    /// When the first final state was told, the same; 0 = not yet.
    pub final_us: u64,
    /// Last answer to a close of this order.
    pub closed: Option<Closed>,
}

/// What an institution can say about one of its transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowledge {
    /// A final state was told.
    Final(TrxStatus),
    /// The switch has it, and no final state was told yet.
    Open,
    /// The switch refused it every time.
    Refused,
    /// It never left.
    Unsent,
    /// The switch does not know it.
    Denied,
    /// The switch took it and later did not know it any more.
    Lost,
    /// It may or may not have arrived.
    Unknown,
}

impl Fate {
    fn new(order: Order) -> Self {
        Self {
            order,
            sends: 0,
            unsent: 0,
            refusals: 0,
            silences: 0,
            refusal: None,
            acknowledged: false,
            status: None,
            contradiction: None,
            receipt: None,
            receipt_changed: false,
            denied: false,
            code: None,
            opened: None,
            opened_changed: false,
            sent_us: unix_micros(),
            final_us: 0,
            closed: None,
        }
    }

    /// The sum of what was told.
    pub fn knowledge(&self) -> Knowledge {
        match (self.status, self.acknowledged, self.denied) {
            (_, true, true) => Knowledge::Lost,
            (Some(status), ..) => Knowledge::Final(status),
            (None, true, false) => Knowledge::Open,
            (None, false, true) => Knowledge::Denied,
            (None, false, false) => self.without_answer(),
        }
    }

    fn without_answer(&self) -> Knowledge {
        match (self.sends, self.unsent, self.refusals) {
            (sends, unsent, _) if sends == unsent => Knowledge::Unsent,
            (sends, unsent, refusals) if sends == unsent.saturating_add(refusals) => Knowledge::Refused,
            _ => Knowledge::Unknown,
        }
    }

    fn hear(&mut self, told: Told) {
        self.acknowledged = true;
        if !told.status.is_final() {
            return;
        }
        // Receipts of payments repeat the number of the agreement that they use.
        let opened = told.contract.filter(|_| self.order.business.row().effect.opens());
        self.opened_changed |= matches!((self.opened, opened), (Some(one), Some(other)) if one != other);
        self.opened = self.opened.or(opened);
        match self.status {
            None => {
                self.status = Some(told.status);
                self.code = told.code;
                self.final_us = unix_micros();
            }
            Some(known) if known != told.status => self.contradiction = Some(told.status),
            Some(_) => {}
        }
        match (self.receipt, told.receipt) {
            (None, receipt) => self.receipt = receipt,
            (Some(known), Some(receipt)) => self.receipt_changed |= known != receipt,
            (Some(_), None) => {}
        }
    }
}

/// Whether a state means that the money has changed hands.
pub(crate) const fn has_moved(status: TrxStatus) -> bool {
    matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess)
}

/// The fates of all transactions of one run.
#[derive(Debug, Clone)]
pub struct Tracker {
    run_number: u32,
    roster: Arc<Roster>,
    fates: TransactionMap<Fate>,
}

impl Tracker {
    /// For one run, with room for the transactions that its plan expects.
    pub fn new(run_number: u32, roster: Arc<Roster>, expected: usize) -> Self {
        Self { run_number, roster, fates: TransactionMap::with_capacity(expected) }
    }

    /// Who the places in [`Order`] are.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Whether a transaction id is one of this run's.
    pub fn owns(&self, id: TrxId) -> bool {
        run_number_of(id) == self.run_number && !is_of_bank(id)
    }

    /// The number that stands in the ids of this run.
    pub const fn run_number(&self) -> u32 {
        self.run_number
    }

    /// A request of this transaction goes to the network, for the first time or again.
    pub fn send(&mut self, id: TrxId, order: Order) {
        let fate = self.fates.get_or_insert_with(id, || Fate::new(order));
        fate.sends = fate.sends.saturating_add(1);
    }

    /// No connection could be made for it.
    pub fn note_unsent(&mut self, id: TrxId) {
        self.change(id, |fate| fate.unsent = fate.unsent.saturating_add(1));
    }

    /// Nothing usable came back: time-out, broken connection, non-200, unreadable or badly signed answer.
    pub fn note_silence(&mut self, id: TrxId) {
        self.change(id, |fate| fate.silences = fate.silences.saturating_add(1));
    }

    /// The switch refused the request.
    pub fn note_refusal(&mut self, id: TrxId, code: ReturnCode) {
        self.change(id, |fate| {
            fate.refusals = fate.refusals.saturating_add(1);
            fate.refusal = Some(code);
        });
    }

    /// The switch told a state. Whether it is final and news, or brings the number of what was opened.
    pub fn note_told(&mut self, id: TrxId, told: Told) -> bool {
        let Some(fate) = self.fates.get_mut(id) else { return false };
        let (known, opened) = (fate.status, fate.opened);
        fate.hear(told);
        (known.is_none() && fate.status.is_some()) || (opened.is_none() && fate.opened.is_some())
    }

    /// The switch answered a query with "no such transaction".
    pub fn note_denied(&mut self, id: TrxId) {
        self.change(id, |fate| fate.denied = true);
    }

    /// The switch answered a close of this order.
    pub fn note_closed(&mut self, id: TrxId, closed: Closed) {
        self.change(id, |fate| fate.closed = Some(closed));
    }

    /// The fate of one transaction.
    pub fn get(&self, id: TrxId) -> Option<&Fate> {
        self.fates.get(id)
    }

    /// All fates, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (TrxId, &Fate)> {
        self.fates.iter()
    }

    /// Transactions sent.
    pub fn len(&self) -> usize {
        self.fates.len()
    }

    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        self.fates.is_empty()
    }

    /// Transactions whose end their institution does not know: what a settlement queries.
    pub fn unresolved(&self) -> Vec<TrxId> {
        let open = |fate: &Fate| matches!(fate.knowledge(), Knowledge::Open | Knowledge::Unknown);
        let mut ids: Vec<_> = self.iter().filter(|(_, fate)| open(fate)).map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    fn change(&mut self, id: TrxId, with: impl FnOnce(&mut Fate)) {
        if let Some(fate) = self.fates.get_mut(id) {
            with(fate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: Order = Order {
        is_forbidden: false,
        is_altered: false,
        business: Business::Payment,
        institution: 0,
        debit_bank: 0,
        credit_bank: 1,
        fen: 100,
        started_s: 0,
        original: None,
        contract: None,
        payee: Payee::Reserve,
    };

    fn id() -> TrxId {
        TrxId::parse(b"2026112000000000000000000000001").unwrap()
    }

    fn told(status: TrxStatus) -> Told {
        Told::status(status)
    }

    type Story = fn(&mut Tracker);

    #[test]
    fn each_story_ends_in_its_knowledge() {
        use TrxStatus::{Failure, InProcess, Success};
        let table: [(&str, Story, Knowledge); 12] = [
            ("sent and nothing more", |_| {}, Knowledge::Unknown),
            ("silence", |t| t.note_silence(id()), Knowledge::Unknown),
            ("no connection", |t| t.note_unsent(id()), Knowledge::Unsent),
            ("refused", |t| t.note_refusal(id(), ReturnCode::PS500001), Knowledge::Refused),
            (
                "told 02",
                |t| {
                    t.note_told(id(), told(InProcess));
                },
                Knowledge::Open,
            ),
            (
                "told 00",
                |t| {
                    t.note_told(id(), told(Success));
                },
                Knowledge::Final(Success),
            ),
            ("denied", |t| t.note_denied(id()), Knowledge::Denied),
            (
                "refused once, unsent once",
                |t| {
                    t.send(id(), ORDER);
                    t.note_refusal(id(), ReturnCode::PS500001);
                    t.note_unsent(id());
                },
                Knowledge::Refused,
            ),
            (
                "silence, and its duplicate refused: may still have been taken",
                |t| {
                    t.send(id(), ORDER);
                    t.note_silence(id());
                    t.note_refusal(id(), ReturnCode::PS500001);
                },
                Knowledge::Unknown,
            ),
            (
                "final, then a silent duplicate",
                |t| {
                    t.note_told(id(), told(Failure));
                    t.send(id(), ORDER);
                    t.note_silence(id());
                },
                Knowledge::Final(Failure),
            ),
            (
                "taken, then denied",
                |t| {
                    t.note_told(id(), told(InProcess));
                    t.note_denied(id());
                },
                Knowledge::Lost,
            ),
            (
                "02 after a final state changes nothing",
                |t| {
                    t.note_told(id(), told(Success));
                    t.note_told(id(), told(InProcess));
                },
                Knowledge::Final(Success),
            ),
        ];
        for (story, tell, knowledge) in table {
            let mut tracker = Tracker::new(1, Arc::default(), 1);
            tracker.send(id(), ORDER);
            tell(&mut tracker);
            assert_eq!(tracker.get(id()).unwrap().knowledge(), knowledge, "{story}");
            let open = matches!(knowledge, Knowledge::Open | Knowledge::Unknown);
            assert_eq!(tracker.unresolved().len(), usize::from(open), "{story}");
        }
    }

    #[test]
    fn a_second_final_state_is_kept_as_a_contradiction() {
        let mut tracker = Tracker::new(1, Arc::default(), 1);
        tracker.send(id(), ORDER);
        assert!(tracker.note_told(id(), told(TrxStatus::Success)));
        assert!(!tracker.note_told(id(), told(TrxStatus::Success)));
        assert_eq!(tracker.get(id()).unwrap().contradiction, None);
        assert!(!tracker.note_told(id(), told(TrxStatus::PresumedFailure)));
        let fate = tracker.get(id()).unwrap();
        assert_eq!((fate.status, fate.contradiction), (Some(TrxStatus::Success), Some(TrxStatus::PresumedFailure)));
    }

    #[test]
    fn a_final_receipt_with_other_bytes_is_noticed_and_queries_have_none() {
        let receipt = |digest| Told { receipt: digest, ..Told::status(TrxStatus::Success) };
        let mut tracker = Tracker::new(1, Arc::default(), 1);
        tracker.send(id(), ORDER);
        for digest in [None, Some(7), None, Some(7)] {
            tracker.note_told(id(), receipt(digest));
            assert!(!tracker.get(id()).unwrap().receipt_changed);
        }
        tracker.note_told(id(), receipt(Some(8)));
        assert!(tracker.get(id()).unwrap().receipt_changed);
    }
}
