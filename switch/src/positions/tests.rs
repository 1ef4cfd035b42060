//! The live books against the plain sums over all payments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;

use clearway_codec::value::{BatchId, BeijingTime, DisputeBatchId};
use proptest::prelude::*;

use super::{Closed, Live};
use crate::domain::business::rules;
use crate::domain::clearing::{BatchName, Positions};
use crate::domain::transaction::samples::{START_US, acceptance, any_event, timing, trx_id};
use crate::domain::transaction::{Event, Leg, Outcome, Payment, transition};
use crate::domain::{Acceptance, Business, Phase, Timing};

const HOUR_US: u64 = 3_600_000_000;
const WORKERS: usize = 3;
const BUSINESSES: [Business; 5] = [
    Business::AgreementPayment,
    Business::Payout,
    Business::GatewayPayment,
    Business::Signing,
    Business::DisputeAdjustment,
];

fn batch_of(at_us: u64) -> BatchName {
    BatchName::payments(BatchId::at(BeijingTime::from_unix_micros(at_us)))
}

fn disputes_of(at_us: u64) -> BatchName {
    BatchName::disputes(DisputeBatchId::at(BeijingTime::from_unix_micros(at_us)))
}

fn accepted(number: u64, business: Business, batch: u32, now_us: u64, timing: &Timing) -> Payment {
    let moves_money = rules(business).moves_money;
    let acceptance = Acceptance {
        business,
        batch,
        amount_fen: if moves_money { 100 + number } else { 0 },
        original: if rules(business).has_original() { trx_id(9_999_999) } else { 0 },
        institution: (number % 3) as u16,
        banks: [10 + (number % 4) as u16, 20 + (number % 5) as u16],
        ..acceptance(number)
    };
    Payment::accept(&acceptance, now_us, timing).0
}

fn next(payment: &Payment, event: Event, now_us: u64, timing: &Timing) -> Payment {
    match transition(payment, event, now_us, timing) {
        Outcome::Changed { next, .. } => next,
        Outcome::Unchanged { reason, .. } => panic!("{event:?}: {reason:?}"),
    }
}

/// What is unfinished and booked, as sheets of paper would have it: every payment looked at anew.
#[derive(Debug, Default, PartialEq)]
struct Books(BTreeMap<BatchName, (u64, Positions)>);

impl Books {
    fn of<'p>(payments: impl Iterator<Item = &'p Payment>) -> Self {
        let mut books = Self::default();
        for payment in payments {
            let row = rules(payment.business);
            let own = BatchName::payments(BatchId::from_u32(payment.batch).expect("a batch"));
            match (payment.phase, row.moves_money) {
                (Phase::Final, true) => books.0.entry(own).or_default().1.book(payment),
                (Phase::Waiting | Phase::Final, _) => {}
                (_, true) => books.0.entry(own).or_default().0 += 1,
                (_, false) if payment.business == Business::DisputeAdjustment => {
                    books.0.entry(disputes_of(payment.accepted_at_us)).or_default().0 += 1;
                }
                (_, false) => {}
            }
        }
        books.0.retain(|_, (open, positions)| *open > 0 || !positions.is_empty());
        books
    }

    fn live(live: &Live) -> Self {
        let views = live.batches().into_iter();
        let mut books = Self(
            views
                .map(|view| {
                    assert_eq!(view.sum_fen, 0, "{}", view.batch);
                    let positions = live.positions(view.batch);
                    assert_eq!((view.booked, view.open), (positions.payments(), live.open(view.batch)));
                    (view.batch, (view.open, positions))
                })
                .collect(),
        );
        books.0.retain(|_, (open, positions)| *open > 0 || !positions.is_empty());
        books
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// A request arrives.
    Begin { business: usize },
    /// Something happens to one of the payments.
    Happens { which: prop::sample::Index, event: Event },
    /// So many minutes pass.
    Pass(u64),
    /// The batch of so many hours ago is closed, and forgotten when nothing is open any more.
    Close { hours_ago: u64, forgets: bool },
    /// The node starts anew.
    Restart,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..BUSINESSES.len()).prop_map(|business| Step::Begin { business }),
        12 => (any::<prop::sample::Index>(), any_event()).prop_map(|(which, event)| Step::Happens { which, event }),
        4 => any::<prop::sample::Index>().prop_map(|which| Step::Happens { which, event: Event::LegDeferred(Leg::One) }),
        2 => (0_u64..90).prop_map(Step::Pass),
        2 => (0_u64..3, any::<bool>()).prop_map(|(hours_ago, forgets)| Step::Close { hours_ago, forgets }),
        1 => Just(Step::Restart),
    ]
}

/// A node in small: its payments, its live books, and what has been closed.
struct World {
    live: Live,
    payments: Vec<Payment>,
    now_us: u64,
    position: u64,
    closed: BTreeSet<BatchName>,
    /// Batches that were finished, as they were then.
    settled: BTreeMap<BatchName, Positions>,
    forgotten: BTreeSet<BatchName>,
    refused: usize,
}

impl World {
    fn new() -> Self {
        Self {
            live: Live::new(WORKERS),
            payments: Vec::new(),
            now_us: START_US,
            position: 0,
            closed: BTreeSet::new(),
            settled: BTreeMap::new(),
            forgotten: BTreeSet::new(),
            refused: 0,
        }
    }

    fn timing(&self) -> Timing {
        Timing { rest_until_us: self.now_us + 2 * HOUR_US, batch_from: self.live.takes_from(), ..timing() }
    }

    fn play(&mut self, step: &Step, turn: usize) {
        let worker = turn % WORKERS;
        self.position += 1;
        match step {
            Step::Begin { business } => {
                let number = self.payments.len() as u64 + 1;
                let business = BUSINESSES[*business];
                let begun = accepted(number, business, self.live.batch_at(self.now_us), self.now_us, &self.timing());
                let payment = Payment { request_position: self.position, ..begun };
                match self.live.moved(worker, None, &payment, self.position) {
                    Ok(()) => self.payments.push(payment),
                    Err(Closed(batch)) => {
                        self.refused += 1;
                        assert!(batch.is_of_disputes() && self.closed.contains(&batch), "{batch}");
                    }
                }
            }
            Step::Happens { which, event } if !self.payments.is_empty() => {
                let at = which.index(self.payments.len());
                let before = self.payments[at];
                if let Outcome::Changed { next, .. } = transition(&before, *event, self.now_us, &self.timing()) {
                    let entered = self.live.moved(worker, Some(&before), &next, self.position);
                    entered.expect("what goes on always has a batch that takes it");
                    self.payments[at] = next;
                }
            }
            Step::Happens { .. } => {}
            Step::Pass(minutes) => self.now_us += minutes * 60_000_000,
            Step::Close { hours_ago, forgets } => {
                for batch in [batch_of, disputes_of].map(|of| of(self.now_us - hours_ago * HOUR_US)) {
                    self.close(batch, *forgets);
                }
            }
            Step::Restart => self.restart(),
        }
    }

    fn close(&mut self, batch: BatchName, forgets: bool) {
        let open = self.live.close(batch);
        assert_eq!(open, self.live.close(batch), "asked twice");
        self.closed.insert(batch);
        if open == 0 && !self.forgotten.contains(&batch) {
            let positions = self.live.positions(batch);
            assert_eq!(self.settled.entry(batch).or_insert_with(|| positions.clone()), &positions);
            if forgets {
                self.live.forget(batch);
                self.forgotten.insert(batch);
            }
        }
    }

    fn restart(&mut self) {
        self.live = Live::new(WORKERS);
        self.forgotten.iter().for_each(|batch| self.live.forget(*batch));
        self.closed.difference(&self.forgotten).for_each(|batch| {
            self.live.close(*batch);
        });
        self.payments.iter().for_each(|payment| self.live.restore(payment));
    }

    fn check(&self) {
        let mut expected = Books::of(self.payments.iter());
        for batch in &self.forgotten {
            let (open, positions) = expected.0.remove(batch).unwrap_or_default();
            assert_eq!((open, Some(&positions)), (0, self.settled.get(batch)), "{batch} has changed since");
        }
        assert_eq!(Books::live(&self.live), expected);
        for (batch, positions) in self.settled.iter().filter(|(batch, _)| !self.forgotten.contains(batch)) {
            assert_eq!(&self.live.positions(*batch), positions, "{batch} has changed since");
        }
    }
}

proptest! {
    /// Whatever happens on whichever worker, with batches closed and forgotten and the node restarted in between: the live books
    /// are the sums over all payments, and a batch that was finished stays as it was.
    #[test]
    fn live_books_are_the_sums_over_all_payments(steps in prop::collection::vec(any_step(), 1..200)) {
        let mut world = World::new();
        for (turn, step) in steps.iter().enumerate() {
            world.play(step, turn);
            if turn % 16 == 0 {
                world.check();
            }
        }
        world.check();
    }
}

/// What each part of a life does to the books: batch now, unfinished there, booked there.
#[test]
fn a_payment_is_unfinished_until_it_is_final_and_rests_in_no_batch() {
    let (live, timing) = (Live::new(1), Timing { rest_until_us: START_US + 30 * HOUR_US, ..timing() });
    let [first, later] = [START_US, START_US + 5 * HOUR_US];
    let begun = accepted(1, Business::GatewayPayment, live.batch_at(first), first, &timing);
    let rests = next(&begun, Event::LegDeferred(Leg::One), first + 1, &timing);
    let paid = next(&rests, Event::LegSucceeded(Leg::One), later, &timing);
    let done = next(&paid, Event::LegSucceeded(Leg::Two), later + 1, &timing);
    let told = next(&done, Event::NoticeAcknowledged(crate::domain::Party::Institution), later + 2, &timing);
    let [own, new] = [first, later].map(batch_of);
    let rows = [
        (None, begun, 10, [1, 0], [0, 0]),
        (Some(begun), rests, 11, [0, 0], [0, 0]),
        (Some(rests), paid, 12, [0, 1], [0, 0]),
        (Some(paid), done, 13, [0, 0], [0, 1]),
        (Some(done), told, 14, [0, 0], [0, 1]),
    ];
    for (before, after, position, open, booked) in rows {
        live.moved(0, before.as_ref(), &after, position).expect("nothing is closed");
        assert_eq!([own, new].map(|batch| live.open(batch)), open, "at {position}");
        assert_eq!([own, new].map(|batch| live.positions(batch).payments()), booked, "at {position}");
    }
    let firsts: Vec<_> = live.batches().iter().map(|view| (view.batch, view.first_position)).collect();
    assert_eq!(firsts, [(own, 10), (new, 12)]);
}

#[test]
fn a_closed_batch_takes_nothing_and_the_next_one_does() {
    let (live, timing) = (Live::new(2), timing());
    let own = batch_of(START_US);
    let begun = accepted(1, Business::AgreementPayment, live.batch_at(START_US), START_US, &timing);
    live.moved(0, None, &begun, 1).expect("open");
    assert_eq!((live.close(own), live.close(own)), (1, 1));
    let late = accepted(2, Business::AgreementPayment, own.hour().as_u32(), START_US, &timing);
    assert_eq!(live.moved(1, None, &late, 2), Err(Closed(own)));
    let declined = Payment::decline(&acceptance(3), *b"PB520011", START_US, &timing).0;
    let declined = Payment { batch: own.hour().as_u32(), ..declined };
    assert_eq!(live.moved(1, None, &declined, 2), Err(Closed(own)));
    // What is in it already comes to its end in it.
    let paid = next(&begun, Event::LegSucceeded(Leg::One), START_US, &timing);
    let done = next(&paid, Event::LegSucceeded(Leg::Two), START_US, &timing);
    live.moved(1, Some(&paid), &done, 3).expect("its own batch");
    assert_eq!((live.close(own), live.positions(own).payments()), (0, 1));
    // The clock may be behind: nobody's batch is.
    let next_hour = batch_of(START_US + HOUR_US).hour().as_u32();
    assert_eq!(live.batch_at(START_US), next_hour);
    let redone = accepted(2, Business::AgreementPayment, live.batch_at(START_US), START_US, &timing);
    live.moved(1, None, &redone, 4).expect("the next batch takes it");
    live.forget(own);
    assert_eq!(live.moved(0, None, &late, 5), Err(Closed(own)), "settled is closed");
    assert!(live.positions(own).is_empty() && live.batches().len() == 1);
}

#[test]
fn a_batch_that_is_held_is_not_finished() {
    let live = Live::new(1);
    let batch = disputes_of(START_US);
    let held = live.hold(batch).expect("open");
    assert_eq!(live.close(batch), 1);
    assert_eq!(live.hold(batch).err(), Some(Closed(batch)));
    drop(held);
    assert_eq!(live.close(batch), 0);
}

#[test]
fn the_batch_behind_the_last_of_a_day_is_the_first_of_the_next() {
    let live = Live::new(1);
    let last: BatchName = "B202612310024".parse().expect("a batch");
    live.close(last);
    assert_eq!(BatchId::from_u32(live.takes_from()).expect("a batch").to_string(), "B202701010001");
}

/// Payments begin and end on several threads while another closes their batch: once nothing is open, nothing comes any more.
#[test]
fn closing_is_exact_while_payments_begin_and_end() {
    let (live, timing) = (Live::new(WORKERS), timing());
    let own = batch_of(START_US);
    let start = Barrier::new(WORKERS + 1);
    let lives: Vec<Vec<u64>> = std::thread::scope(|scope| {
        let work = |worker: usize| {
            let (live, start, timing) = (&live, &start, &timing);
            move || {
                start.wait();
                let mut done = Vec::new();
                for number in (worker as u64 + 1..).step_by(WORKERS) {
                    let begun = accepted(number, Business::AgreementPayment, own.hour().as_u32(), START_US, timing);
                    if live.moved(worker, None, &begun, number).is_err() {
                        return done;
                    }
                    let paid = next(&begun, Event::LegSucceeded(Leg::One), START_US, timing);
                    let last = next(&paid, Event::LegSucceeded(Leg::Two), START_US, timing);
                    let other = (worker + 1) % WORKERS;
                    live.moved(other, Some(&paid), &last, number).expect("its own batch");
                    done.push(number);
                }
                done
            }
        };
        let workers: Vec<_> = (0..WORKERS).map(|worker| scope.spawn(work(worker))).collect();
        start.wait();
        while live.batches().first().is_none_or(|view| view.booked < 1_000) {
            std::thread::yield_now();
        }
        while live.close(own) > 0 {
            std::thread::yield_now();
        }
        let sealed = live.positions(own).payments();
        let done: Vec<Vec<u64>> = workers.into_iter().map(|worker| worker.join().expect("a worker")).collect();
        assert_eq!(live.positions(own).payments(), sealed, "nothing came after");
        done
    });
    let all: u64 = lives.iter().map(|done| done.len() as u64).sum();
    assert_eq!(live.positions(own).payments(), all);
    assert_eq!(live.positions(own).sum_fen(), 0);
}
