//! The banks' books turned round: by transaction instead of by bank.
//!
//! Invariant: every book of every bank is counted exactly once, either into the role that the order gave that bank or
//! as a stray.

use crate::bank::{BankLedger, Book, Ledgers, Leg};
use crate::tracker::{Order, Tracker};
use crate::transactions::TransactionMap;
use clearway_codec::{InstitutionId, TrxId, TrxStatus};

/// One side of one transaction, over all banks that have the role.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Side {
    /// Movements that the switch asked for, whether or not undone since; what the bank itself lost does not count.
    pub(super) gross: u32,
    /// Movements in force.
    pub(super) net: u32,
    /// Money in force, in fen.
    pub(super) net_fen: u128,
    /// One of them was credited without its amount being known to the bank.
    pub(super) owed: bool,
}

impl Side {
    fn add(&mut self, book: &Book) {
        self.gross += u32::from(book.executed.saturating_sub(book.rolled_back));
        self.net += u32::from(book.net());
        self.net_fen += u128::from(book.net_fen());
        self.owed |= book.owed_by_statement && book.net() > 0;
    }

    /// Money in force, an owed credit counted with the amount that the statement will bring.
    pub(super) fn effective_fen(&self, order: &Order) -> u128 {
        if self.owed { self.net_fen + u128::from(order.fen) } else { self.net_fen }
    }
}

/// Both sides of one transaction, and what its banks were told.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Movements {
    pub(super) debit: Side,
    pub(super) credit: Side,
    /// The entry in the bank's register, where there is no money.
    pub(super) entry: Side,
    /// A bank without this role moved money.
    pub(super) stray: bool,
    /// Final state told to a bank.
    pub(super) told: Option<TrxStatus>,
    /// Banks were told different ones.
    pub(super) contradicted: bool,
}

impl Movements {
    fn add(&mut self, leg: Leg, book: &Book, in_role: bool) {
        match (in_role, leg) {
            (true, Leg::Debit) => self.debit.add(book),
            (true, Leg::Credit) => self.credit.add(book),
            (true, Leg::Entry) => self.entry.add(book),
            // Leaves nothing behind, and shares its id with the signing that follows.
            (_, Leg::Check) => return,
            (false, _) => self.stray |= book.executed > book.rolled_back,
        }
        let differs = matches!((self.told, book.told), (Some(one), Some(other)) if one != other);
        self.contradicted |= differs || book.contradicted;
        self.told = self.told.or(book.told);
    }
}

/// All books by transaction, and the transactions of this run that nobody ordered.
pub(super) fn gather(ledgers: &Ledgers, tracker: &Tracker) -> (TransactionMap<Movements>, Vec<TrxId>) {
    let mut movements = TransactionMap::with_capacity(tracker.len());
    let mut invented = Vec::new();
    for bank in &ledgers.banks {
        for leg in [Leg::Debit, Leg::Credit, Leg::Entry] {
            gather_books(bank, leg, tracker, &mut movements, &mut invented);
        }
    }
    invented.sort_unstable();
    invented.dedup();
    (movements, invented)
}

fn gather_books(
    bank: &BankLedger,
    leg: Leg,
    tracker: &Tracker,
    movements: &mut TransactionMap<Movements>,
    invented: &mut Vec<TrxId>,
) {
    for (id, book) in bank.ledger.books(leg).iter() {
        match tracker.get(id) {
            Some(fate) => {
                let in_role = role_holder(tracker, &fate.order, leg) == Some(bank.bank);
                movements.get_or_insert_with(id, Movements::default).add(leg, book, in_role);
            }
            None if book.requests > 0 && tracker.owns(id) => invented.push(id),
            None => {}
        }
    }
}

fn role_holder(tracker: &Tracker, order: &Order, leg: Leg) -> Option<InstitutionId> {
    match leg {
        Leg::Debit | Leg::Entry | Leg::Check => tracker.roster().bank(order.debit_bank),
        Leg::Credit => tracker.roster().bank(order.credit_bank),
    }
}
