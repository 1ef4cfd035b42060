//! What holds for any set of payments with any final states.

use std::collections::BTreeMap;

use clearway::books::recompute::{MEMORY_BYTES_MAX, recompute};
use clearway::books::{LineSource, Silent};
use clearway::domain::clearing::{CellKey, Positions, Side, Sum};
use clearway::domain::{Business, Payment};
use clearway_tests::seed::{Draws, Seed};

use crate::payments::{Asked, finished};
use crate::shop::Shop;

const BUSINESSES: [Business; 5] = [
    Business::AgreementPayment,
    Business::CertifiedPayment,
    Business::EntrustedPayment,
    Business::Payout,
    Business::Refund,
];
const STATUSES: [&str; 4] = ["00", "01", "03", "04"];
/// 2026-10-01T10:00:00 in Beijing.
const TEN_US: u64 = 1_790_820_000_000_000;
const BATCH: &str = "B202610010011";
/// Institutions and banks: see [`Shop::open`].
const PARTICIPANTS: u16 = 6;
/// Columns of a row.
const STATUS: usize = 4;
const FLAG: usize = 9;

#[test]
fn any_set_of_payments_has_sound_books() {
    let mut draws = Seed::of_test("any set of payments").draws();
    for payments in [0, 1, 2, 40, 200] {
        let shop = Shop::open(BATCH.parse().expect("a batch"));
        let finals = play(&shop, payments, &mut draws);
        let positions = shop.live.positions(shop.batch);
        positions_add_up_to_nothing(&shop, &positions, &finals);
        the_journal_says_the_same(&shop, &positions, &mut draws);
        the_statements_agree(&shop, &finals, &mut draws);
    }
}

/// Payments that begin and end in any order; their final images.
fn play(shop: &Shop, payments: u64, draws: &mut Draws) -> Vec<Payment> {
    let (mut running, mut finals) = (Vec::new(), Vec::new());
    for number in 0..payments {
        let begun = asked(number, shop, draws).accepted();
        shop.record(None, &begun, draws);
        running.push(begun);
        while draws.below(3) == 0 && !running.is_empty() {
            finals.push(finish(shop, &mut running, draws));
        }
    }
    assert_eq!(shop.live.close(shop.batch), running.len() as u64);
    while !running.is_empty() {
        finals.push(finish(shop, &mut running, draws));
    }
    assert_eq!(shop.live.close(shop.batch), 0);
    shop.flush();
    finals
}

fn asked(number: u64, shop: &Shop, draws: &mut Draws) -> Asked {
    let mut bank = || 2 + draws.below(4) as u16;
    let banks = [bank(), bank()];
    Asked {
        number,
        business: BUSINESSES[draws.below(5) as usize],
        is_direct: draws.below(4) == 0,
        institution: draws.below(2) as u16,
        banks,
        amount_fen: draws.between(1, 1_000_000_000),
        batch: shop.batch.hour().as_u32(),
        at_us: TEN_US + draws.below(3_600_000_000),
    }
}

fn finish(shop: &Shop, running: &mut Vec<Payment>, draws: &mut Draws) -> Payment {
    let begun = running.swap_remove(draws.below(running.len() as u64) as usize);
    let status = STATUSES[draws.below(4) as usize];
    let mut ended = finished(&begun, status, begun.accepted_at_us + draws.below(5_000_000));
    ended.step = begun.step + 1;
    shop.record(Some(&begun), &ended, draws);
    ended
}

/// Of each clearing bank, too, against adding by hand.
fn positions_add_up_to_nothing(shop: &Shop, positions: &Positions, finals: &[Payment]) {
    assert_eq!(positions.sum_fen(), 0);
    assert_eq!(positions.payments(), finals.len() as u64);
    let mut by_hand: BTreeMap<u16, i128> = BTreeMap::new();
    for payment in finals.iter().filter(|payment| ["00", "03"].contains(&payment.status.code())) {
        let [debit, credit] = payment.banks.map(|bank| shop.participants.clearing_bank_of(bank));
        *by_hand.entry(debit).or_insert(0) -= i128::from(payment.amount_fen);
        *by_hand.entry(credit).or_insert(0) += i128::from(payment.amount_fen);
    }
    let mut nets = positions.net_fen(|bank| shop.participants.clearing_bank_of(bank));
    [&mut nets, &mut by_hand].into_iter().for_each(|nets| nets.retain(|_, fen| *fen != 0));
    assert_eq!(nets, by_hand);
}

/// However little memory it is given; and it would notice a single fen.
fn the_journal_says_the_same(shop: &Shop, positions: &Positions, draws: &mut Draws) {
    for memory_bytes_max in [MEMORY_BYTES_MAX, 4_096] {
        let again = recompute(&shop.records(), shop.batch, memory_bytes_max, &Silent).expect("recomputed");
        assert_eq!(again.disagreement(positions), None);
        let mut wrong = positions.clone();
        let side = Side::ALL[draws.below(3) as usize];
        let key = CellKey { participant: draws.below(6) as u16, side, business: 1, status: 0 };
        wrong.add(key, Sum { count: 0, amount_fen: 1 });
        assert!(again.disagreement(&wrong).is_some(), "one fen in {key:?}");
    }
}

fn the_statements_agree(shop: &Shop, finals: &[Payment], draws: &mut Draws) {
    let (archive, records) = (shop.archive(), shop.records());
    let rows_max = draws.between(5, 60);
    let (dir, digest) = shop.state(&records, "of-journal", 1, rows_max);
    let (_, same) = shop.state(&archive, "of-archive", 3, rows_max);
    assert_eq!(digest, same, "from any source, with any number of threads, the same bytes");
    both_sides_say_the_same(shop, &dir, finals);
    let sources: [&dyn LineSource; 2] = [&records, &archive];
    for participant in 0..PARTICIPANTS {
        let compared = shop.compare(sources[usize::from(participant) % 2], &dir, participant);
        assert!(compared.agrees() && compared.ours == compared.theirs, "{compared:?}");
    }
}

/// Line by line: every party of a payment has its row, and all of them the same one but for RPFlg.
fn both_sides_say_the_same(shop: &Shop, dir: &std::path::Path, finals: &[Payment]) {
    let mut said: BTreeMap<(String, String), (u16, Vec<String>)> = BTreeMap::new();
    for participant in 0..PARTICIPANTS {
        for row in shop.rows(dir, participant) {
            assert_eq!(row.len(), 18, "{row:?}");
            let key = (row[0].clone(), row[FLAG].clone());
            assert!(said.insert(key, (participant, row)).is_none(), "a row is there twice");
        }
    }
    assert_eq!(said.len(), 3 * finals.len());
    for payment in finals {
        let id = format!("{:031}", payment.trx_id % 10_u128.pow(31));
        let parties = [("", payment.institution), ("1", payment.banks[0]), ("2", payment.banks[1])];
        let rows = parties.map(|(flag, party)| {
            let (participant, mut row) = said.remove(&(id.clone(), flag.to_owned())).expect("its row");
            assert_eq!((participant, row[STATUS].as_str()), (party, payment.status.code()));
            row[FLAG].clear();
            row
        });
        assert!(rows[0] == rows[1] && rows[1] == rows[2], "{rows:?}");
        assert_eq!(rows[0][5], format!("CNY{}.{:02}", payment.amount_fen / 100, payment.amount_fen % 100));
    }
}
