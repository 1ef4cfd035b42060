//! Every rule of the oracle is shown to fail: a table of small worlds, each with one thing wrong.

use super::{Oracle, Verdict, Violation};
use crate::bank::{BankLedger, Ledger, Ledgers, Leg};
use crate::business::{Business, Effect};
use crate::institution::{End, note};
use crate::mandate::MandateTerms;
use crate::random::Draws;
use crate::roster::Roster;
use crate::sgn_no::{SgnNo, imported_agreement};
use crate::tracker::{Closed, Order, Payee, Told, Tracker};
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use std::sync::Arc;
use std::time::Duration;

const RUN: u32 = 482_913;
const FEN: u64 = 1_000;

/// Two institutions, three banks; orders are debited at bank 0 and credited at bank 1.
struct World {
    tracker: Tracker,
    ledgers: Ledgers,
}

fn institution(place: u8) -> InstitutionId {
    InstitutionId::parse(format!("Z200000000000{place}").as_bytes()).unwrap()
}

fn bank(place: u8) -> InstitutionId {
    InstitutionId::parse(format!("C100000000000{place}").as_bytes()).unwrap()
}

/// The id of a transaction of this run.
fn id(sequence: u128) -> TrxId {
    TrxId::from_u128((20_261_120 * 1_000_000 + u128::from(RUN)) * 10_u128.pow(17) + sequence).unwrap()
}

fn order() -> Order {
    Order {
        is_forbidden: false,
        is_altered: false,
        business: Business::Payment,
        institution: 0,
        debit_bank: 0,
        credit_bank: 1,
        fen: FEN,
        started_s: 0,
        original: None,
        contract: None,
        payee: Payee::Reserve,
    }
}

impl World {
    fn new() -> Self {
        let roster = Roster { institutions: (0..2).map(institution).collect(), banks: (0..3).map(bank).collect() };
        let banks = (0..3).map(|place| BankLedger { bank: bank(place), ledger: Ledger::default() }).collect();
        Self { tracker: Tracker::new(RUN, Arc::new(roster), 8), ledgers: Ledgers { banks, ..Ledgers::default() } }
    }

    fn bank(&mut self, place: usize) -> &mut Ledger {
        &mut self.ledgers.banks[place].ledger
    }

    /// A bank executes a leg that was asked of it.
    fn moves(&mut self, place: usize, id: TrxId, leg: Leg, fen: u64) -> &mut Self {
        self.bank(place).note_request(id, leg, fen);
        self.bank(place).execute(id, leg, fen);
        self
    }

    fn debits(&mut self, id: TrxId) -> &mut Self {
        self.moves(0, id, Leg::Debit, FEN)
    }

    fn credits(&mut self, id: TrxId) -> &mut Self {
        self.moves(1, id, Leg::Credit, FEN)
    }

    fn sends(&mut self, id: TrxId) -> &mut Self {
        self.tracker.send(id, order());
        self
    }

    /// A payment that was changed after it was signed.
    fn alters(&mut self, id: TrxId) -> &mut Self {
        self.tracker.send(id, Order { is_altered: true, is_forbidden: true, ..order() });
        self
    }

    fn tells(&mut self, id: TrxId, status: TrxStatus) -> &mut Self {
        self.tracker.note_told(id, Told::status(status));
        self
    }

    fn receipt(&mut self, id: TrxId, digest: u64) -> &mut Self {
        self.tracker.note_told(id, Told { receipt: Some(digest), ..Told::status(TrxStatus::Success) });
        self
    }

    fn notifies_bank(&mut self, place: usize, id: TrxId, leg: Leg, status: TrxStatus) -> &mut Self {
        self.bank(place).settle_notice(id, leg, status);
        self
    }

    fn notifies(&mut self, place: u8, id: TrxId, status: TrxStatus) -> &mut Self {
        note(&mut self.ledgers.notices, id, institution(place), status);
        self
    }

    /// A payment that went well.
    fn pays(&mut self, id: TrxId) -> &mut Self {
        self.sends(id).debits(id).credits(id).tells(id, TrxStatus::Success)
    }

    /// A refund of `original` that went well.
    fn refunds(&mut self, id: TrxId, original: TrxId, fen: u64) -> &mut Self {
        let business = Business::Refund;
        self.tracker
            .send(id, Order { business, debit_bank: 1, credit_bank: 0, fen, original: Some(original), ..order() });
        self.moves(1, id, Leg::Debit, fen).moves(0, id, Leg::Credit, fen).tells(id, TrxStatus::Success)
    }

    /// An order without money, at bank 0.
    fn asks(&mut self, id: TrxId, business: Business, contract: Option<SgnNo>) -> &mut Self {
        self.tracker.send(id, Order { business, credit_bank: 0, fen: 0, contract, ..order() });
        self.bank(0).note_request(id, Leg::Entry, 0);
        self.bank(0).note_entry(id, business.row().effect, contract, Some(institution(0)));
        self
    }

    /// The bank carries it out.
    fn enters(&mut self, id: TrxId) -> &mut Self {
        self.bank(0).execute(id, Leg::Entry, 0);
        self
    }

    /// Signed, or mandated, by both ends; its number.
    fn opens(&mut self, id: TrxId, business: Business) -> SgnNo {
        let number = SgnNo::issued(business.row().effect.is_of_mandate(), id);
        self.asks(id, business, None).enters(id);
        self.tracker.note_told(id, Told { contract: Some(number), ..Told::status(TrxStatus::Success) });
        number
    }

    /// Ended by the institution, and the bank has done so.
    fn ends(&mut self, id: TrxId, business: Business, number: SgnNo) -> &mut Self {
        self.asks(id, business, Some(number)).enters(id).tells(id, TrxStatus::Success)
    }

    /// A payment on an agreement that went well.
    fn pays_on(&mut self, id: TrxId, number: SgnNo) -> &mut Self {
        self.tracker.send(id, Order { contract: Some(number), ..order() });
        self.debits(id).credits(id).tells(id, TrxStatus::Success)
    }

    /// A payment on a mandate that went well.
    fn pays_by(&mut self, id: TrxId, number: SgnNo, fen: u64, payee: Payee) -> &mut Self {
        let started_s = MandateTerms::of(self::id(1)).start_s;
        let business = Business::Entrusted;
        self.tracker.send(id, Order { business, contract: Some(number), fen, payee, started_s, ..order() });
        self.moves(0, id, Leg::Debit, fen).moves(1, id, Leg::Credit, fen).tells(id, TrxStatus::Success)
    }

    /// A payment that was refused for want of an agreement.
    fn refuses(&mut self, id: TrxId, number: SgnNo) -> &mut Self {
        self.tracker.send(id, Order { contract: Some(number), ..order() });
        let code = Some(ReturnCode::PB521013);
        self.tracker.note_told(id, Told { code, ..Told::status(TrxStatus::Failure) });
        self
    }

    /// The bank ends an agreement by itself; the switch acknowledges it at this time.
    fn bank_ends(&mut self, number: SgnNo, acknowledged_us: u64) -> &mut Self {
        let bank_id = crate::compose::bank_transaction_id(id(0).date(), 0, 1).unwrap();
        self.bank(0).note_entry(bank_id, Effect::ClosesAgreement, Some(number), None);
        self.bank(0).execute(bank_id, Leg::Entry, 0);
        let contract = self.bank(0).contract_mut(number, false);
        (contract.is_given_up, contract.end_acknowledged_us) = (true, acknowledged_us);
        self
    }

    /// The institution hears of an end that a bank has started.
    fn hears(&mut self, number: SgnNo, is_mandate: bool, consent: Option<bool>) -> &mut Self {
        let end = End { number, is_mandate, times: 1, consent, acknowledged_us: 1 };
        self.ledgers.ends.insert("bank's".into(), end);
        self
    }

    fn judge(&self) -> Verdict {
        Oracle::judge(&self.ledgers, &self.tracker)
    }
}

type Story = fn(&mut World);

/// Lawful worlds: all that may happen without a fault of the switch.
const LAWFUL: &[(&str, Story)] = &[
    ("nothing at all", |_| {}),
    ("altered, and refused", |w| {
        w.alters(id(1)).tracker.note_refusal(id(1), ReturnCode::PS500001);
    }),
    ("altered, unanswered, and not known", |w| {
        w.alters(id(1)).tracker.note_silence(id(1));
        w.tracker.note_denied(id(1));
    }),
    ("a payment that went well", |w| {
        w.pays(id(1));
    }),
    ("refused by the payer's bank", |w| {
        w.sends(id(1)).tells(id(1), TrxStatus::Failure);
        w.bank(0).refuse(id(1), Leg::Debit, ReturnCode::PB520011);
    }),
    ("refused by the payee's bank, debit undone by notice", |w| {
        w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::Failure).notifies_bank(
            0,
            id(1),
            Leg::Debit,
            TrxStatus::Failure,
        );
    }),
    ("presumed failure, debit undone by notice", |w| {
        w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::PresumedFailure).notifies_bank(
            0,
            id(1),
            Leg::Debit,
            TrxStatus::PresumedFailure,
        );
    }),
    ("presumed success, credit made good by notice", |w| {
        w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::PresumedSuccess);
        w.bank(1).note_request(id(1), Leg::Credit, FEN);
        w.notifies_bank(1, id(1), Leg::Credit, TrxStatus::PresumedSuccess);
    }),
    ("presumed success, and the payee's bank never saw the amount", |w| {
        w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::PresumedSuccess).notifies_bank(
            1,
            id(1),
            Leg::Credit,
            TrxStatus::PresumedSuccess,
        );
    }),
    ("the payee's bank lost its credit and was asked again", |w| {
        w.sends(id(1)).debits(id(1)).credits(id(1));
        w.bank(1).lose(id(1), Leg::Credit);
        w.credits(id(1)).tells(id(1), TrxStatus::Success);
    }),
    ("the payer's bank lost its debit and denied it", |w| {
        w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::Failure);
        w.bank(0).lose(id(1), Leg::Debit);
    }),
    ("the final state came by notice only", |w| {
        w.sends(id(1)).debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::InProcess).notifies(
            0,
            id(1),
            TrxStatus::Success,
        );
    }),
    ("the same state told by receipt, query and notices", |w| {
        w.pays(id(1)).receipt(id(1), 7).receipt(id(1), 7).tells(id(1), TrxStatus::Success).notifies(
            0,
            id(1),
            TrxStatus::Success,
        );
        w.notifies(0, id(1), TrxStatus::Success).notifies_bank(0, id(1), Leg::Debit, TrxStatus::Success);
    }),
    ("overloaded: refused before anything was done", |w| {
        w.sends(id(1)).tracker.note_refusal(id(1), ReturnCode::PS500001);
    }),
    ("never arrived, and the switch says so", |w| {
        w.sends(id(1)).tracker.note_silence(id(1));
        w.tracker.note_denied(id(1));
    }),
    ("the switch was down", |w| {
        w.sends(id(1)).tracker.note_unsent(id(1));
    }),
    ("one bank is both sides", |w| {
        w.tracker.send(id(1), Order { credit_bank: 0, ..order() });
        w.debits(id(1)).moves(0, id(1), Leg::Credit, FEN).tells(id(1), TrxStatus::Success);
    }),
    ("two refunds that make up the whole payment", |w| {
        w.pays(id(1)).refunds(id(2), id(1), 400).refunds(id(3), id(1), 600);
    }),
    ("a refund too large, refused as business", |w| {
        w.pays(id(1)).refunds(id(2), id(1), FEN);
        w.tracker.send(id(3), Order { debit_bank: 1, credit_bank: 0, fen: 1, original: Some(id(1)), ..order() });
        w.tells(id(3), TrxStatus::Failure);
    }),
    ("another run's transaction in the same banks", |w| {
        let other = TrxId::parse(b"2026112000000100000000010770101").unwrap();
        w.pays(id(1)).debits(other);
    }),
    ("a bank asked a second time refused", |w| {
        w.pays(id(1)).bank(0).refuse(id(1), Leg::Debit, ReturnCode::PB500099);
    }),
];

/// When things happen that must lie before or after everything else.
const LONG_AGO_US: u64 = 1;
const FAR_AHEAD_US: u64 = u64::MAX;

const SIGN: Business = Business::Signing;
const END: Business = Business::Unsigning;

/// The same for agreements, mandates and orders.
const LAWFUL_CONTRACTS: &[(&str, Story)] = &[
    ("signed, used, ended", |w| {
        let number = w.opens(id(1), SIGN);
        w.pays_on(id(2), number).ends(id(3), END, number);
    }),
    ("a signing that failed, and the bank dropped it", |w| {
        w.asks(id(1), SIGN, None).enters(id(1)).tells(id(1), TrxStatus::PresumedFailure).notifies_bank(
            0,
            id(1),
            Leg::Entry,
            TrxStatus::PresumedFailure,
        );
    }),
    ("an end that is presumed: nobody uses it, the report lists it", |w| {
        let number = w.opens(id(1), SIGN);
        w.asks(id(2), END, Some(number)).tells(id(2), TrxStatus::PresumedFailure);
        let other = w.opens(id(3), SIGN);
        w.asks(id(4), END, Some(other)).enters(id(4)).tells(id(4), TrxStatus::PresumedFailure);
    }),
    ("an end that failed: it lives on", |w| {
        let number = w.opens(id(1), SIGN);
        w.asks(id(2), END, Some(number)).tells(id(2), TrxStatus::Failure).pays_on(id(3), number);
    }),
    ("ended by the bank, told to the institution, refused afterwards", |w| {
        let number = w.opens(id(1), SIGN);
        w.pays_on(id(2), number).bank_ends(number, FAR_AHEAD_US).hears(number, false, None).refuses(id(3), number);
    }),
    ("ended by the bank, and the switch has not acknowledged it yet", |w| {
        let number = w.opens(id(1), SIGN);
        w.bank_ends(number, 0);
    }),
    ("an imported agreement is paid on, ended, and refused", |w| {
        let number = imported_agreement(0, 0, 7);
        w.pays_on(id(1), number).ends(id(2), END, number).refuses(id(3), number);
    }),
    ("a mandate used up to its limit", |w| {
        let number = w.opens(id(1), Business::Mandate);
        let terms = MandateTerms::of(id(1));
        for payment in 0..u128::from(terms.payments_max) {
            w.pays_by(id(2 + payment), number, terms.limit_fen, Payee::Company);
        }
    }),
    ("a mandate whose bank wants to end it: refused, it stays; then agreed", |w| {
        let number = w.opens(id(1), Business::Mandate);
        w.hears(number, true, Some(false)).pays_by(id(2), number, 1, Payee::Reserve);
        let other = w.opens(id(3), Business::Mandate);
        w.bank(0).contract_mut(other, true).closed = 1;
        w.hears(other, true, Some(true));
    }),
    ("an institution's consent that has not reached the bank yet", |w| {
        let number = w.opens(id(1), Business::Mandate);
        w.bank(0).contract_mut(number, true).is_given_up = true;
        w.hears(number, true, Some(true));
    }),
    ("an order closed before it was paid", |w| {
        w.tracker.send(id(1), Order { business: Business::Gateway, ..order() });
        w.tells(id(1), TrxStatus::InProcess).tracker.note_closed(id(1), Closed::Done);
        w.tells(id(1), TrxStatus::Failure);
    }),
    ("an order that was paid when it was to be closed", |w| {
        w.tracker.send(id(1), Order { business: Business::Gateway, ..order() });
        w.tracker.note_closed(id(1), Closed::Paid);
        w.debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
    }),
    ("a certified payment refunded in two parts", |w| {
        w.tracker.send(id(1), Order { business: Business::Certified, ..order() });
        w.debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
        w.refunds(id(2), id(1), 1).refunds(id(3), id(1), FEN - 1);
    }),
];

/// And with a fault.
const UNLAWFUL_CONTRACTS: &[(&str, Story, &[Violation])] = &[
    (
        "told that it is signed, and the bank has not",
        |w| {
            let number = SgnNo::issued(false, id(1));
            w.asks(id(1), SIGN, None);
            w.tracker.note_told(id(1), Told { contract: Some(number), ..Told::status(TrxStatus::Success) });
        },
        &[Violation::EntryMissing],
    ),
    (
        "told that the signing failed, and the bank has signed",
        |w| {
            w.asks(id(1), SIGN, None).enters(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::EntryKept],
    ),
    (
        "signed twice under one transaction id",
        |w| {
            w.opens(id(1), SIGN);
            w.enters(id(1));
        },
        &[Violation::EnteredTwice],
    ),
    (
        "refused by 303, and the bank has signed",
        |w| {
            w.asks(id(1), SIGN, None).enters(id(1)).tracker.note_refusal(id(1), ReturnCode::ES000098);
        },
        &[Violation::EntryKept],
    ),
    (
        "another number told than the bank gave",
        |w| {
            let number = imported_agreement(0, 0, 1);
            w.asks(id(1), SIGN, None).enters(id(1));
            w.tracker.note_told(id(1), Told { contract: Some(number), ..Told::status(TrxStatus::Success) });
        },
        &[Violation::NumberDiffers],
    ),
    (
        "two numbers told",
        |w| {
            w.opens(id(1), SIGN);
            let number = Some(imported_agreement(0, 0, 1));
            w.tracker.note_told(id(1), Told { contract: number, ..Told::status(TrxStatus::Success) });
        },
        &[Violation::NumberDiffers],
    ),
    (
        "told that it has ended, and the bank was never asked",
        |w| {
            let number = w.opens(id(1), SIGN);
            w.asks(id(2), END, Some(number)).tells(id(2), TrxStatus::Success);
        },
        &[Violation::EntryMissing, Violation::EndsDisagree],
    ),
    (
        "told that the end failed, and the bank has ended it",
        |w| {
            let number = w.opens(id(1), SIGN);
            w.asks(id(2), END, Some(number)).enters(id(2)).tells(id(2), TrxStatus::Failure);
        },
        &[Violation::EntryKept, Violation::EndsDisagree],
    ),
    (
        "ended by the bank and acknowledged, and the institution never heard",
        |w| {
            let number = w.opens(id(1), SIGN);
            w.bank_ends(number, FAR_AHEAD_US);
        },
        &[Violation::EndsDisagree, Violation::EndUntold],
    ),
    (
        "paid after its bank's end was acknowledged",
        |w| {
            let number = w.opens(id(1), SIGN);
            w.bank_ends(number, LONG_AGO_US).hears(number, false, None).pays_on(id(2), number);
        },
        &[Violation::PaidAfterEnd],
    ),
    (
        "paid after the institution was told that it has ended",
        |w| {
            let number = imported_agreement(0, 0, 1);
            w.ends(id(1), END, number);
            // The clock of this world may stand still within a test.
            while crate::clock::unix_micros() <= w.tracker.get(id(1)).unwrap().final_us {}
            w.pays_on(id(2), number);
        },
        &[Violation::PaidAfterEnd],
    ),
    (
        "refused, though live at both ends",
        |w| {
            let number = w.opens(id(1), SIGN);
            w.refuses(id(2), number);
        },
        &[Violation::LiveRefused],
    ),
    (
        "an imported agreement is not known",
        |w| {
            w.refuses(id(1), imported_agreement(0, 0, 3));
        },
        &[Violation::LiveRefused],
    ),
    (
        "one fen over the mandate's limit",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            w.pays_by(id(2), number, MandateTerms::of(id(1)).limit_fen + 1, Payee::Reserve);
        },
        &[Violation::MandateExceeded],
    ),
    (
        "one payment too many in a period",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            for payment in 0..=u128::from(MandateTerms::of(id(1)).payments_max) {
                w.pays_by(id(2 + payment), number, 1, Payee::Reserve);
            }
        },
        &[Violation::MandateExceeded],
    ),
    (
        "on a mandate, from a person to a person",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            w.pays_by(id(2), number, 1, Payee::Person);
        },
        &[Violation::MandateExceeded],
    ),
    (
        "outside of the mandate's time",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            let (business, contract) = (Business::Entrusted, Some(number));
            w.tracker.send(id(2), Order { business, contract, started_s: 0, ..order() });
            w.debits(id(2)).credits(id(2)).tells(id(2), TrxStatus::Success);
        },
        &[Violation::MandateExceeded],
    ),
    (
        "a mandate ended without consent",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            w.bank(0).contract_mut(number, true).closed = 1;
            w.hears(number, true, Some(false));
        },
        &[Violation::EndsDisagree],
    ),
    (
        "a mandate kept though its institution has agreed",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            let contract = w.bank(0).contract_mut(number, true);
            (contract.is_given_up, contract.told_of_end) = (true, Some(false));
            w.hears(number, true, Some(true));
        },
        &[Violation::EndsDisagree],
    ),
    (
        "altered, refused, and a bank was asked all the same",
        |w| {
            w.alters(id(1)).tracker.note_refusal(id(1), ReturnCode::PS500001);
            w.bank(0).note_request(id(1), Leg::Debit, FEN);
        },
        &[Violation::AlteredTaken],
    ),
    (
        "altered, denied, and money moved for a while",
        |w| {
            w.alters(id(1)).debits(id(1)).tracker.note_denied(id(1));
            w.notifies_bank(0, id(1), Leg::Debit, TrxStatus::Failure);
        },
        &[Violation::AlteredTaken, Violation::MovedThoughRefused],
    ),
    (
        "altered, taken, and failed",
        |w| {
            w.alters(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::AlteredTaken],
    ),
    (
        "altered, and paid as if nothing were",
        |w| {
            w.alters(id(1)).debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::AlteredTaken],
    ),
    (
        "altered, and its institution was notified",
        |w| {
            w.alters(id(1)).notifies(0, id(1), TrxStatus::Failure);
        },
        &[Violation::AlteredTaken],
    ),
    (
        "closed, and paid all the same",
        |w| {
            w.tracker.send(id(1), Order { business: Business::Gateway, ..order() });
            w.tracker.note_closed(id(1), Closed::Done);
            w.debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::ClosedThoughPaid],
    ),
    (
        "closed, and the customer's money kept",
        |w| {
            w.tracker.send(id(1), Order { business: Business::Gateway, ..order() });
            w.tracker.note_closed(id(1), Closed::Done);
            w.debits(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::DebitKept],
    ),
    (
        "a refund of a payout",
        |w| {
            w.tracker.send(id(1), Order { business: Business::Payout, ..order() });
            w.debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
            w.refunds(id(2), id(1), 1);
        },
        &[Violation::RefundExceedsOriginal],
    ),
    (
        "a refund of an entrusted payment to a company's account",
        |w| {
            let number = w.opens(id(1), Business::Mandate);
            w.pays_by(id(2), number, 1, Payee::Company).refunds(id(3), id(2), 1);
        },
        &[Violation::RefundExceedsOriginal],
    ),
];

/// Worlds with a fault, and the violations that must be found in them, exactly.
const UNLAWFUL: &[(&str, Story, &[Violation])] = &[
    (
        "acknowledged, then not known",
        |w| {
            w.sends(id(1)).tells(id(1), TrxStatus::InProcess).tracker.note_denied(id(1));
        },
        &[Violation::Lost],
    ),
    (
        "told 00, then not known, the money moved",
        |w| {
            w.pays(id(1)).tracker.note_denied(id(1));
        },
        &[Violation::Lost, Violation::DebitKept, Violation::CreditGiven],
    ),
    (
        "leg 1 sent twice",
        |w| {
            w.pays(id(1)).debits(id(1));
        },
        &[Violation::DebitedTwice],
    ),
    (
        "leg 1 sent twice and one taken back",
        |w| {
            w.sends(id(1)).debits(id(1)).debits(id(1)).tells(id(1), TrxStatus::Failure).notifies_bank(
                0,
                id(1),
                Leg::Debit,
                TrxStatus::Failure,
            );
        },
        &[Violation::DebitedTwice],
    ),
    (
        "leg 1 sent twice, the end not known yet",
        |w| {
            w.sends(id(1)).debits(id(1)).debits(id(1)).tells(id(1), TrxStatus::InProcess);
        },
        &[Violation::DebitedTwice],
    ),
    (
        "leg 2 sent twice",
        |w| {
            w.pays(id(1)).credits(id(1));
        },
        &[Violation::CreditedTwice],
    ),
    (
        "told 00 without a debit",
        |w| {
            w.sends(id(1)).credits(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::DebitMissing],
    ),
    (
        "told 00 without a credit",
        |w| {
            w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::CreditMissing],
    ),
    (
        "told 00 and nothing moved",
        |w| {
            w.sends(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::DebitMissing, Violation::CreditMissing],
    ),
    (
        "presumed success, and nobody told the payee's bank",
        |w| {
            w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::PresumedSuccess);
        },
        &[Violation::CreditMissing],
    ),
    (
        "presumed failure, and nobody told the payer's bank",
        |w| {
            w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::PresumedFailure);
        },
        &[Violation::DebitKept],
    ),
    (
        "told 01 with the debit kept",
        |w| {
            w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::DebitKept],
    ),
    (
        "told 01 and credited",
        |w| {
            w.sends(id(1)).debits(id(1)).credits(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::DebitKept, Violation::CreditGiven],
    ),
    (
        "another amount debited",
        |w| {
            w.sends(id(1)).moves(0, id(1), Leg::Debit, FEN + 1).credits(id(1)).tells(id(1), TrxStatus::Success);
        },
        &[Violation::AmountDiffers],
    ),
    (
        "the same wrong amount on both sides",
        |w| {
            w.sends(id(1))
                .moves(0, id(1), Leg::Debit, 1)
                .moves(1, id(1), Leg::Credit, 1)
                .tells(id(1), TrxStatus::Success);
        },
        &[Violation::AmountDiffers],
    ),
    (
        "the leg went to a bank without that role",
        |w| {
            w.pays(id(1)).moves(2, id(1), Leg::Debit, FEN);
        },
        &[Violation::StrayMovement],
    ),
    (
        "both legs at the wrong banks",
        |w| {
            w.sends(id(1))
                .moves(1, id(1), Leg::Debit, FEN)
                .moves(0, id(1), Leg::Credit, FEN)
                .tells(id(1), TrxStatus::Success);
        },
        &[Violation::DebitMissing, Violation::CreditMissing, Violation::StrayMovement],
    ),
    (
        "two final states told to the institution",
        |w| {
            w.pays(id(1)).tells(id(1), TrxStatus::Failure);
        },
        &[Violation::Contradiction],
    ),
    (
        "00 became 03: both move the money, and still",
        |w| {
            w.pays(id(1)).tells(id(1), TrxStatus::PresumedSuccess);
        },
        &[Violation::Contradiction],
    ),
    (
        "receipt and notice disagree",
        |w| {
            w.pays(id(1)).notifies(0, id(1), TrxStatus::PresumedFailure);
        },
        &[Violation::Contradiction],
    ),
    (
        "notices disagree",
        |w| {
            w.sends(id(1)).debits(id(1)).credits(id(1)).notifies(0, id(1), TrxStatus::Success).notifies(
                0,
                id(1),
                TrxStatus::Failure,
            );
        },
        &[Violation::Contradiction],
    ),
    (
        "institution and bank were told different ends",
        |w| {
            w.pays(id(1)).notifies_bank(1, id(1), Leg::Credit, TrxStatus::PresumedSuccess);
        },
        &[Violation::Contradiction],
    ),
    (
        "one bank was told two ends",
        |w| {
            w.pays(id(1)).notifies_bank(0, id(1), Leg::Debit, TrxStatus::Success).notifies_bank(
                0,
                id(1),
                Leg::Debit,
                TrxStatus::PresumedSuccess,
            );
        },
        &[Violation::Contradiction],
    ),
    (
        "the stored receipt was made anew",
        |w| {
            w.pays(id(1)).receipt(id(1), 7).receipt(id(1), 8);
        },
        &[Violation::ReceiptChanged],
    ),
    (
        "refused by 303, but a bank was debited",
        |w| {
            w.sends(id(1)).debits(id(1)).tracker.note_refusal(id(1), ReturnCode::ES000098);
        },
        &[Violation::DebitKept, Violation::MovedThoughRefused],
    ),
    (
        "refused by 303, debited and undone",
        |w| {
            w.sends(id(1)).debits(id(1)).notifies_bank(0, id(1), Leg::Debit, TrxStatus::Failure);
            w.tracker.note_refusal(id(1), ReturnCode::ES000098);
        },
        &[Violation::MovedThoughRefused],
    ),
    (
        "not known to the switch, but debited: a crash lost it",
        |w| {
            w.sends(id(1)).debits(id(1)).tracker.note_silence(id(1));
            w.tracker.note_denied(id(1));
        },
        &[Violation::DebitKept, Violation::MovedThoughRefused],
    ),
    (
        "never left, and yet it moved",
        |w| {
            w.sends(id(1)).debits(id(1)).credits(id(1)).tracker.note_unsent(id(1));
        },
        &[Violation::DebitKept, Violation::CreditGiven, Violation::MovedThoughRefused],
    ),
    (
        "refunds above the original",
        |w| {
            w.pays(id(1)).refunds(id(2), id(1), 600).refunds(id(3), id(1), 401);
        },
        &[Violation::RefundExceedsOriginal],
    ),
    (
        "a refund of a payment that failed",
        |w| {
            w.sends(id(1)).tells(id(1), TrxStatus::Failure);
            w.refunds(id(2), id(1), 1);
        },
        &[Violation::RefundExceedsOriginal],
    ),
    (
        "a refund of nothing",
        |w| {
            w.refunds(id(2), id(1), 1);
        },
        &[Violation::RefundExceedsOriginal],
    ),
    (
        "the notice went to another institution",
        |w| {
            w.pays(id(1)).notifies(1, id(1), TrxStatus::Success);
        },
        &[Violation::MisdirectedNotice],
    ),
    (
        "a leg for a transaction nobody ordered",
        |w| {
            w.pays(id(1)).debits(id(2));
        },
        &[Violation::Invented],
    ),
];

#[test]
fn lawful_worlds_are_good() {
    for (story, tell) in LAWFUL.iter().chain(LAWFUL_CONTRACTS) {
        let mut world = World::new();
        tell(&mut world);
        let verdict = world.judge();
        assert!(verdict.ok && verdict.money_conserved, "{story}: {verdict}");
        assert_eq!(verdict.debited_fen, verdict.credited_fen, "{story}");
    }
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    for (story, tell, expected) in UNLAWFUL.iter().chain(UNLAWFUL_CONTRACTS) {
        let mut world = World::new();
        tell(&mut world);
        let verdict = world.judge();
        let found: Vec<Violation> = verdict.violations.keys().copied().collect();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{story}: {verdict}");
        assert!(!verdict.ok && !verdict.is_safe(), "{story}");
        assert_eq!(verdict.money_conserved, !expected.iter().any(|kind| kind.breaks_conservation()), "{story}");
    }
}

#[test]
fn every_kind_of_violation_has_a_world_that_shows_it() {
    for kind in Violation::ALL {
        assert!(UNLAWFUL.iter().chain(UNLAWFUL_CONTRACTS).any(|(.., expected)| expected.contains(&kind)), "{kind:?}");
    }
}

/// A fault is found among a thousand lawful payments as well as alone, and counts of it are exact.
#[test]
fn faults_are_counted_among_many() {
    let mut world = World::new();
    for sequence in 0..1_000 {
        world.pays(id(sequence));
        if sequence % 100 == 0 {
            world.debits(id(sequence));
        }
    }
    let verdict = world.judge();
    assert_eq!((verdict.accepted, verdict.finals, verdict.debited_twice), (1_000, 1_000, 10));
    assert_eq!(verdict.debited_fen - verdict.credited_fen, u128::from(FEN) * 10);
    assert_eq!(verdict.examples.len(), crate::constants::EXAMPLES_PER_KIND_MAX);
}

#[test]
fn what_is_still_open_is_safe_but_not_good() {
    for tell in [
        |w: &mut World| {
            w.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::InProcess);
        },
        |w: &mut World| {
            w.sends(id(1));
        },
    ] {
        let mut world = World::new();
        tell(&mut world);
        let verdict = world.judge();
        assert!(!verdict.ok && verdict.is_safe(), "{verdict}");
        assert_eq!((verdict.unknown, verdict.debited_fen), (1, 0));
    }
}

/// The judgement does not depend on how banks are ordered in a page: they are found by id.
#[test]
fn banks_are_found_by_name_not_by_place() {
    let mut world = World::new();
    world.pays(id(1));
    world.ledgers.banks.reverse();
    assert!(world.judge().ok);
}

#[test]
fn waiting_ends_when_the_notice_has_reached_the_bank() {
    let mut world = World::new();
    world.sends(id(1)).debits(id(1)).tells(id(1), TrxStatus::Failure);
    let mut ledgers = world.ledgers.clone();
    let mut asked = 0;
    let source = || {
        asked += 1;
        if asked == 2 {
            ledgers.banks[0].ledger.settle_notice(id(1), Leg::Debit, TrxStatus::Failure);
        }
        Ok(ledgers.clone())
    };
    assert!(Oracle::await_agreement(source, &world.tracker, Duration::from_secs(60)).unwrap().ok);
    assert_eq!(asked, 2);
    let verdict = Oracle::await_agreement(|| Ok(world.ledgers.clone()), &world.tracker, Duration::ZERO).unwrap();
    assert!(!verdict.ok);
}

#[test]
fn a_verdict_survives_json() {
    let mut world = World::new();
    world.pays(id(1)).debits(id(1));
    let verdict = world.judge();
    let text = serde_json::to_string(&verdict).unwrap();
    assert!(text.contains("\"final\":1") && text.contains("\"debited_twice\":1"), "{text}");
    assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
}

/// One lawful transaction of a random sort; whether its money moved.
fn lawful(world: &mut World, id: TrxId, draws: &mut Draws) -> bool {
    let (failed, presumed) = (TrxStatus::PresumedFailure, TrxStatus::PresumedSuccess);
    world.sends(id);
    match draws.bits() % 6 {
        0 | 1 => {
            world.debits(id).credits(id).tells(id, TrxStatus::Success);
        }
        2 => {
            world.tells(id, TrxStatus::Failure);
        }
        3 => {
            world.debits(id).tells(id, failed).notifies_bank(0, id, Leg::Debit, failed);
        }
        4 => {
            world.debits(id).tells(id, presumed).notifies_bank(1, id, Leg::Credit, presumed);
        }
        _ => world.tracker.note_refusal(id, ReturnCode::PS500001),
    }
    world.ledgers.banks[0].ledger.book(id, Leg::Debit).is_some_and(|book| book.net() > 0)
}

/// One fact about one transaction is falsified. Every one of these must be found.
fn falsify(world: &mut World, id: TrxId, moved: bool, draws: &mut Draws) -> &'static str {
    let leg = if draws.chance(0.5) { Leg::Debit } else { Leg::Credit };
    let place = usize::from(leg == Leg::Credit);
    let mut book = world.ledgers.banks[place].ledger.book(id, leg).copied().unwrap_or_default();
    let told = match draws.bits() % 5 {
        0 => {
            book.executed += 1;
            "one movement more"
        }
        1 => {
            book.executed_fen += 1;
            book.executed += u16::from(book.executed == 0);
            "one fen more"
        }
        2 if moved => {
            (book.executed, book.owed_by_statement) = (0, false);
            "a movement less"
        }
        3 if moved => {
            world.tells(id, TrxStatus::Failure);
            "another end told"
        }
        _ => {
            world.moves(2, id, leg, FEN);
            "a movement at a stranger's"
        }
    };
    if told != "a movement at a stranger's" {
        world.bank(place).insert(id, leg, book);
    }
    told
}

/// Whatever lawful things happen, the verdict is good; whatever single fact is then falsified, it is not.
#[test]
fn any_single_falsified_fact_is_found_among_lawful_ones() {
    for seed in 0..300 {
        let (mut world, mut draws) = (World::new(), Draws::new(seed, 0));
        let moved: Vec<bool> = (0..30).map(|sequence| lawful(&mut world, id(sequence), &mut draws)).collect();
        assert!(world.judge().ok, "seed {seed}: {}", world.judge());
        let victim = (draws.bits() % 30) as usize;
        let told = falsify(&mut world, id(victim as u128), moved[victim], &mut draws);
        assert!(!world.judge().ok, "seed {seed}, transaction {victim}: {told} was not found");
    }
}

#[test]
fn standings_are_what_both_ends_hold() {
    let mut world = World::new();
    let numbers: Vec<SgnNo> = (1..=4).map(|sequence| world.opens(id(sequence), SIGN)).collect();
    world.ends(id(11), END, numbers[1]);
    world.asks(id(12), END, Some(numbers[2])).tells(id(12), TrxStatus::InProcess);
    world.bank_ends(numbers[3], 0);
    let standings = Oracle::standings(&world.ledgers, &world.tracker);
    let standings: std::collections::BTreeMap<_, _> =
        standings.into_iter().map(|(number, standing)| (number, standing.is_live)).collect();
    assert_eq!(standings, [(numbers[0], true), (numbers[1], false)].into(), "the others are underway");
}
