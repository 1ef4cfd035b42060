//! Days with anything wrong anywhere: they end, the ledger balances, suspense holds exactly the differences.

use std::collections::BTreeMap;

use clearway_codec::value::BeijingTime;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn batch(name: &str) -> BatchName {
    name.parse().expect("a batch")
}

#[test]
fn every_batch_has_one_accounting_day() {
    for cut_hour in [0, 1, 20, 23] {
        let mut day = AccountingDay::of(batch("B202609280001"), cut_hour);
        for _ in 0..10 {
            let batches = day.batches();
            assert_eq!(batches.len(), 48);
            assert!(batches.is_sorted());
            assert!(batches.iter().all(|batch| AccountingDay::of(*batch, cut_hour) == day), "cut {cut_hour}");
            let next = AccountingDay::after(day.day, day.ends_us, cut_hour);
            assert_eq!((next.begins_us, next.before(cut_hour)), (day.ends_us, day));
            day = next;
        }
    }
}

#[test]
fn the_day_ends_at_its_cut() {
    let day = AccountingDay::of(batch("B202611190021"), 20);
    let time = |us| BeijingTime::from_unix_micros(us).to_string();
    assert_eq!(day.day.to_number(), 20_261_120);
    assert_eq!((time(day.begins_us), time(day.ends_us)), ("2026-11-19T20:00:00".into(), "2026-11-20T20:00:00".into()));
    assert_eq!(AccountingDay::of(batch("D202611190020"), 20).day.to_number(), 20_261_119);
}

#[test]
fn a_new_cut_leaves_no_hour_out_and_counts_none_twice() {
    let old = AccountingDay::of(batch("B202611190021"), 20);
    for (cut_hour, hours) in [(18, 22), (20, 24), (23, 27)] {
        let next = AccountingDay::after(old.day, old.ends_us, cut_hour);
        assert_eq!(next.batches().len(), 2 * hours, "cut {cut_hour}");
        assert_eq!(next.batches()[0], batch("B202611200021"));
    }
}

const BANKS: u16 = 5;

/// What happens to a day: payments of a batch from bank to bank, what is settled, and what is wrong.
#[derive(Clone, Debug)]
struct Play {
    payments: Vec<(u16, u16, u32)>,
    settles: Vec<bool>,
    /// Wrong by so much: lines of a bank, an acknowledged order, yesterday's balance.
    wrong_lines: Vec<i32>,
    wrong_orders: Vec<i32>,
    wrong_yesterday: Vec<i32>,
}

fn play() -> impl Strategy<Value = Play> {
    let bank = 0..BANKS;
    let wrongs = || vec(prop_oneof![3 => Just(0), 1 => any::<i32>()], usize::from(BANKS));
    let payments = vec((bank.clone(), bank, 1..u32::MAX), 0..20);
    (payments, vec(any::<bool>(), usize::from(BANKS)), wrongs(), wrongs(), wrongs()).prop_map(
        |(payments, settles, wrong_lines, wrong_orders, wrong_yesterday)| Play {
            payments,
            settles,
            wrong_lines,
            wrong_orders,
            wrong_yesterday,
        },
    )
}

/// The books of the property: what is truly open of each bank.
#[derive(Default)]
struct Truth {
    ledger: Ledger,
    open: [i128; BANKS as usize],
}

impl Truth {
    /// Plays a day, and gives what was wrong, as suspense must see it.
    fn day(&mut self, name: BatchName, play: &Play) -> (DayEnd, i128) {
        let mut nets = [0_i128; BANKS as usize];
        for &(from, to, fen) in &play.payments {
            nets[usize::from(from)] -= i128::from(fen);
            nets[usize::from(to)] += i128::from(fen);
        }
        let (mut facts, mut wrong_fen) = (DayFacts::default(), 0);
        let mut yesterday: BTreeMap<LedgerAccount, i128> = self.ledger.balances().collect();
        let posted = nets.iter().zip(0..).map(|(net, bank)| (LedgerAccount::Clearing(bank), *net)).collect();
        facts.movements.push(Movement::new(MovementKind::Batch, posted));
        for (bank, account) in (0..BANKS).map(|bank| (usize::from(bank), LedgerAccount::Clearing(bank))) {
            let [lines, order, before] =
                [&play.wrong_lines, &play.wrong_orders, &play.wrong_yesterday].map(|wrong| i128::from(wrong[bank]));
            facts.checks.push(BatchCheck {
                batch: name,
                account,
                lines_fen: nets[bank] + lines,
                posted_fen: nets[bank],
            });
            *yesterday.entry(account).or_insert(0) += before;
            *yesterday.entry(LedgerAccount::Corrections).or_insert(0) -= before;
            self.open[bank] += nets[bank] + lines;
            let mut wrong = lines - before;
            if play.settles[bank] {
                let paid = self.open[bank] + order;
                facts.movements.push(Movement::between(
                    MovementKind::Settlement,
                    LedgerAccount::Settlement,
                    account,
                    paid,
                ));
                self.open[bank] = 0;
                wrong += order;
            }
            facts.open_items.insert(account, self.open[bank]);
            wrong_fen += wrong;
        }
        let yesterday = Ledger::from_balances(yesterday).expect("it balances");
        let ended = end_day(&yesterday, &facts);
        self.ledger = ended.ledger.clone();
        (ended, wrong_fen)
    }
}

proptest! {
    #[test]
    fn a_day_ends_and_suspense_holds_exactly_what_is_wrong(days in vec(play(), 1..6)) {
        let mut truth = Truth::default();
        let mut name = AccountingDay::of(batch("B202611190021"), 20);
        for play in &days {
            let before = truth.ledger.balance(LedgerAccount::Suspense);
            let (ended, wrong_fen) = truth.day(name.batches()[0], play);
            prop_assert_eq!(ended.ledger.balances().map(|(_, fen)| fen).sum::<i128>(), 0);
            prop_assert_eq!(ended.suspense_fen() - before, -wrong_fen);
            prop_assert_eq!(ended.differences.iter().map(Difference::fen).sum::<i128>(), wrong_fen);
            for bank in 0..BANKS {
                let account = LedgerAccount::Clearing(bank);
                prop_assert_eq!(ended.ledger.balance(account), truth.open[usize::from(bank)]);
            }
            for (account, turnover) in &ended.turnovers {
                let moved: i128 = turnover.moved_fen.iter().sum();
                prop_assert_eq!(turnover.before_fen + moved, turnover.after_fen, "{}", account);
            }
            name = AccountingDay::after(name.day, name.ends_us, 20);
        }
        // What was found once is not found again.
        let quiet = Play {
            payments: vec![(0, 1, 7)],
            settles: vec![false; 5],
            wrong_lines: vec![0; 5],
            wrong_orders: vec![0; 5],
            wrong_yesterday: vec![0; 5],
        };
        let (ended, _) = truth.day(name.batches()[0], &quiet);
        prop_assert!(ended.differences.is_empty());
    }

    #[test]
    fn no_ledger_and_no_facts_keep_a_day_from_ending(
        balances in vec((any::<u16>(), any::<i64>()), 0..9), items in vec((any::<u16>(), any::<i64>()), 0..9),
    ) {
        let mut yesterday = Ledger::default();
        for (bank, fen) in balances {
            yesterday.post(&Movement::new(MovementKind::Batch, vec![(LedgerAccount::Reserve(bank), fen.into())]));
        }
        let open_items = items.iter().map(|(bank, fen)| (LedgerAccount::Reserve(*bank), i128::from(*fen))).collect();
        let ended = end_day(&yesterday, &DayFacts { open_items, ..DayFacts::default() });
        prop_assert_eq!(ended.ledger.balances().map(|(_, fen)| fen).sum::<i128>(), 0);
        let found: i128 = ended.differences.iter().map(Difference::fen).sum();
        prop_assert_eq!(ended.suspense_fen(), yesterday.balance(LedgerAccount::Suspense) - found);
    }
}
