//! The books of one simulated bank: what it was asked, what it did, what it took back.
//!
//! ```text
//! leg 1, RPFlg 1    --> debit book      207 with 01, 04 to the payer's bank --> debit undone
//! leg 2, RPFlg 2    --> credit book     207 with 03 to the payee's bank     --> credit made good
//! 101, 103, 111 ... --> entry book      207 with 01, 04                     --> what was opened is dropped
//!                       and register    207 with 01                         --> what was ended lives on
//! ```
//!
//! Invariant: the ledger does what it is told **every time it is told**. It is not idempotent, on purpose: a switch
//! that sends one leg twice moves money twice here, and the oracle sees it. Three things a bank owes its own word: after
//! it has denied a debit, or was told that the transaction failed, it does not execute that debit any more; and what it
//! has told the switch to be done it does not lose. Money never vanishes: every fen executed is either kept or counted
//! as reversed.

use super::contract::{Contract, Entry};
use crate::business::Effect;
use crate::sgn_no::SgnNo;
use crate::transactions::TransactionMap;
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use std::collections::BTreeMap;

/// What a bank does for a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leg {
    /// Leg 1: takes the money from the payer's side.
    Debit,
    /// Leg 2: gives it to the payee's side.
    Credit,
    /// The one leg of what has no money: an entry in the bank's register.
    Entry,
    /// The one leg of an identity check: nothing that lasts. It shares its id with the signing that follows.
    Check,
}

impl Leg {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Debit, Self::Credit, Self::Entry, Self::Check];

    /// Whether the bank gives up a leg of this sort that it has denied.
    const fn is_first(self) -> bool {
        !matches!(self, Self::Credit)
    }
}

/// One leg of one transaction in one bank's books. Counts saturate; amounts are fen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Book {
    /// Requests that reached the bank.
    pub requests: u16,
    /// Queries that reached the bank.
    pub queries: u16,
    /// Terminal notices that reached the bank.
    pub notices: u16,
    /// Times the money was moved.
    pub executed: u16,
    /// Times the movement was taken back: undone by notice, or rolled back by the bank.
    pub reversed: u16,
    /// Of those, the times the bank itself lost the movement.
    pub rolled_back: u16,
    /// Times the bank said no.
    pub refused: u16,
    /// Amount last asked for; 0 when the bank never saw a request.
    pub asked_fen: u64,
    /// Sum of all movements.
    pub executed_fen: u64,
    /// Sum of all movements taken back.
    pub reversed_fen: u64,
    /// The bank's serial number of the first movement; 0 = none.
    pub serial: u64,
    /// Code of the last refusal.
    pub code: Option<ReturnCode>,
    /// Final state that the switch told this bank, in this role.
    pub told: Option<TrxStatus>,
    /// The switch told another final state later.
    pub contradicted: bool,
    /// The bank denied the transaction, or was told that it failed: it will not execute this leg any more.
    pub disowned: bool,
    /// Credited on a terminal notice alone, without ever having seen the amount: the statement file brings it.
    pub owed_by_statement: bool,
    /// The customer has still to decide.
    pub waiting: bool,
    /// The bank has told the switch that it was done.
    pub confirmed: bool,
}

impl Book {
    /// Movements in force.
    pub const fn net(&self) -> u16 {
        self.executed.saturating_sub(self.reversed)
    }

    /// Money in force, in fen.
    pub const fn net_fen(&self) -> u64 {
        self.executed_fen.saturating_sub(self.reversed_fen)
    }

    fn execute(&mut self, fen: u64, serial: u64) {
        self.executed = self.executed.saturating_add(1);
        self.executed_fen = self.executed_fen.saturating_add(fen);
        if self.serial == 0 {
            self.serial = serial;
        }
    }

    fn reverse_all(&mut self) {
        self.reversed = self.executed;
        self.reversed_fen = self.executed_fen;
    }
}

/// What a bank finds when it looks a leg up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The money has moved, under this serial number.
    Executed(u64),
    /// It was refused with this code.
    Refused(ReturnCode),
    /// The customer has still to decide.
    Waiting,
    /// The bank knows nothing of it.
    Absent,
}

/// All books of one bank.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    books: [TransactionMap<Book>; Leg::ALL.len()],
    /// What each entry does to the register.
    entries: TransactionMap<Entry>,
    register: BTreeMap<SgnNo, Contract>,
    serials: u64,
}

impl Ledger {
    /// Notes that a request for a leg has arrived; how many of the kind had arrived before.
    pub fn note_request(&mut self, id: TrxId, leg: Leg, fen: u64) -> u16 {
        let book = self.book_mut(id, leg);
        let before = book.requests;
        book.requests = before.saturating_add(1);
        book.asked_fen = fen;
        before
    }

    /// Notes that a query for a leg has arrived; how many had arrived before.
    pub fn note_query(&mut self, id: TrxId, leg: Leg) -> u16 {
        let book = self.book_mut(id, leg);
        let before = book.queries;
        book.queries = before.saturating_add(1);
        before
    }

    /// Notes that a terminal notice has arrived; how many had arrived before.
    pub fn note_notice(&mut self, id: TrxId, leg: Leg) -> u16 {
        let book = self.book_mut(id, leg);
        let before = book.notices;
        book.notices = before.saturating_add(1);
        before
    }

    /// Notes what the entry of a transaction does to the register, before it is executed. `named` is the number in the
    /// request, `institution` whom it is with.
    pub fn note_entry(
        &mut self,
        id: TrxId,
        effect: Effect,
        named: Option<SgnNo>,
        institution: Option<InstitutionId>,
    ) -> Option<SgnNo> {
        let entry = Entry::of(effect, id, named)?;
        self.entries.insert(id, entry);
        let contract = self.contract_mut(entry.number, effect.is_of_mandate());
        if let Some(institution) = institution {
            contract.institution = institution.to_string();
        }
        Some(entry.number)
    }

    /// Moves the money or makes the entry, again if that was done before. `None` when the bank has disowned this leg.
    pub fn execute(&mut self, id: TrxId, leg: Leg, fen: u64) -> Option<u64> {
        let serial = self.serials.saturating_add(1);
        let book = self.book_mut(id, leg);
        if book.disowned {
            return None;
        }
        book.execute(fen, serial);
        book.waiting = false;
        self.serials = serial;
        self.change_register(id, leg, 1);
        Some(serial)
    }

    /// The answer waits for the customer.
    pub fn wait(&mut self, id: TrxId, leg: Leg) {
        self.book_mut(id, leg).waiting = true;
    }

    /// Says no.
    pub fn refuse(&mut self, id: TrxId, leg: Leg, code: ReturnCode) {
        let book = self.book_mut(id, leg);
        book.refused = book.refused.saturating_add(1);
        book.code = Some(code);
        book.waiting = false;
    }

    /// What a query finds. What is denied is disowned, credits aside: the bank keeps its word.
    pub fn look_up(&mut self, id: TrxId, leg: Leg) -> Finding {
        let book = self.book_mut(id, leg);
        if book.net() > 0 {
            return Finding::Executed(book.serial);
        }
        if let (true, Some(code)) = (book.refused > 0, book.code) {
            return Finding::Refused(code);
        }
        if book.waiting {
            return Finding::Waiting;
        }
        book.disowned |= leg.is_first();
        Finding::Absent
    }

    /// The bank tells the switch, so that it can be read, that the leg was done.
    pub fn confirm(&mut self, id: TrxId, leg: Leg) {
        self.book_mut(id, leg).confirmed = true;
    }

    /// The bank loses a movement that it had made, as after a restore from backup: taken back, and denied from now on.
    /// Nothing happens to what it has confirmed.
    pub fn lose(&mut self, id: TrxId, leg: Leg) {
        let book = self.book_mut(id, leg);
        if book.confirmed {
            return;
        }
        let lost = book.net();
        book.rolled_back = book.rolled_back.saturating_add(lost);
        book.reverse_all();
        book.refused = 0;
        book.waiting = false;
        book.disowned |= leg.is_first();
        self.revert_register(id, leg, lost);
    }

    /// A terminal notice in the role that `leg` names: undoes a debit on 01 and 04, makes a credit good on 03, drops
    /// what was opened on 01 and 04, keeps what was to be ended on 01.
    pub fn settle_notice(&mut self, id: TrxId, leg: Leg, status: TrxStatus) {
        let serial = self.serials.saturating_add(1);
        let entry = self.entries.get(id).copied();
        let closes = entry.is_some_and(|entry| entry.effect.closes());
        if let Some(contract) = entry.and_then(|entry| self.register.get_mut(&entry.number))
            && contract.is_mandate
            && contract.is_given_up
        {
            contract.told_of_end = Some(matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess));
        }
        let book = self.book_mut(id, leg);
        book.contradicted |= book.told.is_some_and(|told| told != status);
        book.told.get_or_insert(status);
        book.waiting = false;
        match (leg, status) {
            // Presumed: the switch lets nobody use it any more, whether or not the bank had ended it.
            (Leg::Entry, TrxStatus::PresumedFailure) if closes => {}
            (Leg::Debit | Leg::Entry | Leg::Check, TrxStatus::Failure | TrxStatus::PresumedFailure) => {
                let undone = book.net();
                book.reverse_all();
                book.disowned = true;
                self.revert_register(id, leg, undone);
            }
            (Leg::Entry, TrxStatus::Success | TrxStatus::PresumedSuccess) if closes && book.net() == 0 => {
                book.execute(0, serial);
                self.serials = serial;
                self.change_register(id, leg, 1);
            }
            (Leg::Credit, TrxStatus::PresumedSuccess) if book.net() == 0 => {
                book.owed_by_statement = book.asked_fen == 0;
                book.execute(book.asked_fen, serial);
                self.serials = serial;
            }
            _ => {}
        }
    }

    /// One leg's book, if the bank has one.
    pub fn book(&self, id: TrxId, leg: Leg) -> Option<&Book> {
        self.books(leg).get(id)
    }

    /// All books of one kind of leg.
    pub fn books(&self, leg: Leg) -> &TransactionMap<Book> {
        &self.books[leg as usize]
    }

    /// The bank's register.
    pub fn register(&self) -> &BTreeMap<SgnNo, Contract> {
        &self.register
    }

    /// An agreement or mandate, made known when it is new.
    pub fn contract_mut(&mut self, number: SgnNo, is_mandate: bool) -> &mut Contract {
        self.register.entry(number).or_insert_with(|| Contract::new(number, is_mandate))
    }

    /// A payment names an agreement or mandate that the bank knows.
    pub fn note_use(&mut self, number: SgnNo) {
        if let Some(contract) = self.register.get_mut(&number) {
            contract.used = contract.used.saturating_add(1);
        }
    }

    /// The live agreements or mandates that payments have used and that the bank has not tried to end yet.
    pub fn used(&self, is_mandate: bool) -> Vec<SgnNo> {
        let known = self.register.values().filter(|contract| contract.is_mandate == is_mandate);
        let alive = known.filter(|contract| contract.is_live() && contract.opened > 0 && !contract.is_given_up);
        alive.filter(|contract| contract.used > 0).map(|contract| contract.number).collect()
    }

    fn change_register(&mut self, id: TrxId, leg: Leg, times: u16) {
        if let (Leg::Entry, Some(&Entry { effect, number })) = (leg, self.entries.get(id)) {
            self.contract_mut(number, effect.is_of_mandate()).apply(effect, times);
        }
    }

    fn revert_register(&mut self, id: TrxId, leg: Leg, times: u16) {
        if let (Leg::Entry, Some(&Entry { effect, number })) = (leg, self.entries.get(id)) {
            self.contract_mut(number, effect.is_of_mandate()).revert(effect, times);
        }
    }

    /// Puts a book in as it stands: for reading a ledger back, and for tests of the oracle.
    pub fn insert(&mut self, id: TrxId, leg: Leg, book: Book) {
        self.serials = self.serials.max(book.serial);
        *self.book_mut(id, leg) = book;
    }

    fn book_mut(&mut self, id: TrxId, leg: Leg) -> &mut Book {
        self.books[leg as usize].get_or_insert_with(id, Book::default)
    }
}

/// A bank's ledger with its owner's name.
#[derive(Debug, Clone)]
pub struct BankLedger {
    /// Whose.
    pub bank: InstitutionId,
    /// The books.
    pub ledger: Ledger,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> TrxId {
        TrxId::parse(b"2026112000000100000000010770101").unwrap()
    }

    fn net(ledger: &Ledger, leg: Leg) -> (u16, u64) {
        ledger.book(id(), leg).map_or((0, 0), |book| (book.net(), book.net_fen()))
    }

    #[test]
    fn the_same_leg_twice_moves_money_twice() {
        let mut ledger = Ledger::default();
        let serials: Vec<_> = (0..2).map(|_| ledger.execute(id(), Leg::Debit, 500)).collect();
        assert_eq!(serials, [Some(1), Some(2)]);
        assert_eq!(net(&ledger, Leg::Debit), (2, 1_000));
        assert_eq!(net(&ledger, Leg::Credit), (0, 0));
    }

    #[test]
    fn a_failure_notice_undoes_every_debit_once() {
        for status in [TrxStatus::Failure, TrxStatus::PresumedFailure] {
            let mut ledger = Ledger::default();
            ledger.execute(id(), Leg::Debit, 500);
            ledger.execute(id(), Leg::Debit, 500);
            for _ in 0..3 {
                ledger.settle_notice(id(), Leg::Debit, status);
                assert_eq!(net(&ledger, Leg::Debit), (0, 0));
            }
            assert_eq!(ledger.execute(id(), Leg::Debit, 500), None, "told that it failed");
            assert!(!ledger.book(id(), Leg::Debit).unwrap().contradicted);
        }
    }

    #[test]
    fn a_presumed_success_credits_once() {
        let mut ledger = Ledger::default();
        ledger.note_request(id(), Leg::Credit, 700);
        (0..3).for_each(|_| ledger.settle_notice(id(), Leg::Credit, TrxStatus::PresumedSuccess));
        assert_eq!(net(&ledger, Leg::Credit), (1, 700));
        let mut executed_before = Ledger::default();
        executed_before.execute(id(), Leg::Credit, 700);
        executed_before.settle_notice(id(), Leg::Credit, TrxStatus::PresumedSuccess);
        assert_eq!(net(&executed_before, Leg::Credit), (1, 700));
    }

    #[test]
    fn notices_in_the_other_role_change_nothing() {
        let mut ledger = Ledger::default();
        ledger.execute(id(), Leg::Debit, 5);
        ledger.execute(id(), Leg::Credit, 5);
        ledger.settle_notice(id(), Leg::Debit, TrxStatus::PresumedSuccess);
        ledger.settle_notice(id(), Leg::Credit, TrxStatus::Failure);
        ledger.settle_notice(id(), Leg::Credit, TrxStatus::Success);
        assert_eq!((net(&ledger, Leg::Debit), net(&ledger, Leg::Credit)), ((1, 5), (1, 5)));
        assert!(ledger.book(id(), Leg::Credit).unwrap().contradicted);
    }

    #[test]
    fn a_bank_keeps_its_word_about_a_denied_debit_but_takes_a_denied_credit() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.look_up(id(), Leg::Debit), Finding::Absent);
        assert_eq!(ledger.execute(id(), Leg::Debit, 5), None);
        assert_eq!(ledger.look_up(id(), Leg::Credit), Finding::Absent);
        assert_eq!(ledger.execute(id(), Leg::Credit, 5), Some(1));
        assert_eq!(ledger.look_up(id(), Leg::Credit), Finding::Executed(1));
    }

    #[test]
    fn a_lost_movement_is_taken_back_and_denied() {
        for leg in [Leg::Debit, Leg::Credit] {
            let mut ledger = Ledger::default();
            ledger.execute(id(), leg, 9);
            ledger.lose(id(), leg);
            assert_eq!((net(&ledger, leg), ledger.look_up(id(), leg)), ((0, 0), Finding::Absent));
            assert_eq!(ledger.book(id(), leg).unwrap().rolled_back, 1);
            assert_eq!(ledger.execute(id(), leg, 9).is_some(), leg == Leg::Credit);
        }
    }

    #[test]
    fn what_was_confirmed_is_not_lost() {
        for leg in Leg::ALL {
            let mut ledger = Ledger::default();
            ledger.execute(id(), leg, 9);
            ledger.confirm(id(), leg);
            ledger.lose(id(), leg);
            assert_eq!((net(&ledger, leg), ledger.look_up(id(), leg)), ((1, 9), Finding::Executed(1)), "{leg:?}");
        }
    }

    fn signed(ledger: &mut Ledger) -> SgnNo {
        let number = ledger.note_entry(id(), Effect::OpensAgreement, None, None).unwrap();
        ledger.execute(id(), Leg::Entry, 0);
        number
    }

    #[test]
    fn what_is_signed_is_live_until_it_is_taken_back_or_ended() {
        let ending = TrxId::from_u128(id().as_u128() + 1).unwrap();
        type Story = fn(&mut Ledger, TrxId, TrxId);
        let table: [(&str, bool, Story); 7] = [
            ("signed", true, |_, _, _| {}),
            ("signed, and failed", false, |l, sign, _| l.settle_notice(sign, Leg::Entry, TrxStatus::Failure)),
            ("signed, and presumed", false, |l, sign, _| l.settle_notice(sign, Leg::Entry, TrxStatus::PresumedFailure)),
            ("signed, and lost", false, |l, sign, _| l.lose(sign, Leg::Entry)),
            ("ended", false, |l, _, end| {
                l.execute(end, Leg::Entry, 0);
            }),
            ("its end refused, and presumed", false, |l, _, end| {
                l.refuse(end, Leg::Entry, ReturnCode::PB520011);
                l.settle_notice(end, Leg::Entry, TrxStatus::PresumedSuccess);
            }),
            ("ended, and that failed", true, |l, _, end| {
                l.execute(end, Leg::Entry, 0);
                l.settle_notice(end, Leg::Entry, TrxStatus::Failure);
            }),
        ];
        for (story, is_live, tell) in table {
            let mut ledger = Ledger::default();
            let number = signed(&mut ledger);
            ledger.note_entry(ending, Effect::ClosesAgreement, Some(number), None);
            tell(&mut ledger, id(), ending);
            assert_eq!(ledger.register()[&number].is_live(), is_live, "{story}");
        }
    }

    #[test]
    fn signing_twice_under_one_id_is_two_openings() {
        let mut ledger = Ledger::default();
        let number = signed(&mut ledger);
        assert_eq!(signed(&mut ledger), number);
        assert_eq!((ledger.register()[&number].opened, net(&ledger, Leg::Entry)), (2, (2, 0)));
    }

    #[test]
    fn a_customer_who_has_not_decided_is_found_waiting() {
        let mut ledger = Ledger::default();
        ledger.wait(id(), Leg::Debit);
        assert_eq!(ledger.look_up(id(), Leg::Debit), Finding::Waiting);
        assert_eq!(ledger.execute(id(), Leg::Debit, 5), Some(1));
        assert_eq!(ledger.look_up(id(), Leg::Debit), Finding::Executed(1));
        let mut closed = Ledger::default();
        closed.wait(id(), Leg::Debit);
        closed.settle_notice(id(), Leg::Debit, TrxStatus::Failure);
        assert_eq!(closed.execute(id(), Leg::Debit, 5), None, "the order is void");
    }

    #[test]
    fn a_refusal_is_found_by_a_query() {
        let mut ledger = Ledger::default();
        ledger.refuse(id(), Leg::Debit, ReturnCode::PB520011);
        assert_eq!(ledger.look_up(id(), Leg::Debit), Finding::Refused(ReturnCode::PB520011));
    }
}
