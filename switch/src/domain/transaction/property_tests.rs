//! Random lives of transactions: what must hold whatever happens, and in whatever order.

use clearway_codec::value::TrxStatus;
use proptest::prelude::*;

use super::samples::{START_US, any_event, any_payment, payment, refund, timing};
use super::*;

/// One payment and everything that was done for it.
struct Life {
    payment: Payment,
    now_us: u64,
    sent: [u32; 2],
    leg_one_yes: bool,
    leg_two_unknown_to_bank: bool,
    notified: Vec<Party>,
    cases: Vec<CaseKind>,
}

impl Life {
    fn begin(payment: Payment) -> Self {
        Self {
            payment,
            now_us: START_US,
            sent: [1, 0],
            leg_one_yes: false,
            leg_two_unknown_to_bank: false,
            notified: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Applies one event and checks everything that holds at every step.
    fn take(&mut self, event: Event) -> Effects {
        let before = self.payment;
        match event {
            Event::LegSucceeded(Leg::One) | Event::QuerySucceeded(Leg::One) => self.leg_one_yes = true,
            Event::QueryNoSuchTransaction(Leg::Two) => self.leg_two_unknown_to_bank = true,
            _ => {}
        }
        let outcome = transition(&before, event, self.now_us, &timing());
        assert_eq!(outcome, transition(&before, event, self.now_us, &timing()), "pure");
        let effects = match outcome {
            Outcome::Changed { next, effects } => {
                self.payment = next;
                effects
            }
            Outcome::Unchanged { effects, .. } => {
                assert!(effects.iter().all(|effect| matches!(effect, Effect::OpenCase(_))), "{event:?}: {effects:?}");
                effects
            }
        };
        self.check(&before, event, &effects);
        effects
    }

    fn check(&mut self, before: &Payment, event: Event, effects: &Effects) {
        let after = &self.payment;
        if before.is_final() {
            assert_eq!((before.status, before.code), (after.status, after.code), "a final status never changes");
            assert_eq!(before.finished_at_us, after.finished_at_us);
        }
        assert!(after.is_final() || after.due_at_us != 0, "an unfinished payment always has a timer");
        assert!(after.refunded_fen <= after.amount_fen);
        assert!(after.step == before.step + u32::from(after != before));
        assert_eq!(Payment::from_bytes(&after.to_bytes()), Ok(*after));
        for effect in effects {
            match *effect {
                // Nothing of it had left, so it leaves once all the same.
                Effect::SendLeg(leg) if matches!(event, Event::LegMoved(..)) => {
                    assert!(
                        event.leg() == Some(leg) && before.phase == after.phase && before.way(leg) != after.way(leg)
                    );
                }
                Effect::SendLeg(leg) => {
                    self.sent[leg.index()] += 1;
                    assert!(leg == Leg::Two && self.leg_one_yes, "leg 2 only after leg 1 succeeded, leg 1 only once");
                    assert!(
                        self.sent[1] == 1 || self.leg_two_unknown_to_bank,
                        "again only when the bank knows nothing"
                    );
                    assert!(self.sent[1] <= 2, "leg 2 at most twice");
                }
                Effect::SendQuery(leg) => assert_eq!(after.phase.open_leg(), Some(leg)),
                Effect::ArmDue(at_us) => assert!(at_us == after.due_at_us && at_us > self.now_us),
                Effect::Notify(party) => {
                    assert!(after.is_final() && after.owed.contains(party));
                    self.notified.push(party);
                }
                Effect::ReplyFinal => assert!(after.is_final() && !before.is_final()),
                Effect::ReplyInProcess => assert!(!after.is_final()),
                Effect::ReleaseRefund => assert!(after.is_final() && !before.is_final() && !after.moves_money()),
                Effect::OpenCase(kind) => self.cases.push(kind),
                Effect::ArmReceiptDue(_) => panic!("armed at acceptance only"),
            }
        }
        let released = effects.contains(Effect::ReleaseRefund);
        let ends_in_vain = after.is_final() && !before.is_final() && !after.moves_money();
        assert_eq!(released, ends_in_vain && after.original().is_some());
    }

    /// Nothing happens any more but time.
    fn fall_silent(&mut self) {
        let (begin_us, mut alarms) = (self.now_us, 0);
        while !self.payment.is_final() {
            self.now_us = self.now_us.max(self.payment.due_at_us);
            self.take(Event::Due);
            alarms += 1;
            assert!(alarms <= 8, "presumption comes within the schedule");
        }
        assert!(self.now_us - begin_us <= timing().final_within_us());
        for alarms in 0.. {
            if self.payment.due_at_us == 0 {
                break;
            }
            assert!(alarms <= timing().notice_schedule.steps(), "notices end");
            self.now_us = self.now_us.max(self.payment.due_at_us);
            self.take(Event::Due);
        }
    }
}

fn any_begun() -> impl Strategy<Value = Payment> {
    prop_oneof![Just(payment(1)), Just(refund(2, 1, 700))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever the world does, in any order, with repetitions: the invariants hold, and it ends.
    #[test]
    fn any_sequence_of_events(begun in any_begun(), events in prop::collection::vec((any_event(), 0_u64..60, 1_usize..3), 0..60)) {
        let mut life = Life::begin(begun);
        for (event, wait_us, times) in events {
            life.now_us += wait_us;
            for _ in 0..times {
                life.take(event);
            }
        }
        life.fall_silent();
    }

    /// The same event again at once changes nothing, and does nothing but list a case; time and refunds aside.
    #[test]
    fn a_repeated_event_changes_nothing(payment in any_payment(), event in any_event()) {
        let now_us = payment.due_at_us.max(payment.accepted_at_us);
        if let Outcome::Changed { next, .. } = transition(&payment, event, now_us, &timing()) {
            let repeated = transition(&next, event, now_us, &timing());
            let counts = matches!(event, Event::RefundReserved(_) | Event::RefundReleased(_));
            prop_assert!(counts || matches!(repeated, Outcome::Unchanged { .. }), "{event:?} on {next:?}: {repeated:?}");
        }
    }
}

/// A bank that keeps its own books, and is honest: what it says it does not know will never happen.
#[derive(Clone, Copy, Debug, Default)]
struct Bank {
    booked: bool,
    refused: bool,
    /// A request that has not reached it yet.
    under_way: bool,
    executed: u32,
}

impl Bank {
    /// The request arrives; repeated requests get the first one's answer (S: idempotent by TrxId).
    fn execute(&mut self, refuses: bool) {
        if self.under_way && !self.booked && !self.refused {
            self.booked = !refuses;
            self.refused = refuses;
            self.executed += u32::from(self.booked);
        }
        self.under_way = false;
    }

    fn answer(&self, leg: Leg) -> Option<Event> {
        match (self.booked, self.refused) {
            (true, _) => Some(Event::LegSucceeded(leg)),
            (_, true) => Some(Event::LegRefused(leg, *b"RB620005")),
            _ => None,
        }
    }

    fn answer_query(&mut self, leg: Leg) -> Event {
        match (self.booked, self.refused) {
            (true, _) => Event::QuerySucceeded(leg),
            (_, true) => Event::QueryRefused(leg, *b"RB620005"),
            _ => {
                self.under_way = false;
                Event::QueryNoSuchTransaction(leg)
            }
        }
    }
}

/// One thing that the world does next.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// A request reaches its bank and is carried out, or refused.
    Execute(Leg, bool),
    /// The bank's answer reaches the switch (again, or late).
    Answer(Leg),
    /// The connection breaks.
    Break(Leg),
    /// The request that has not reached the bank never will, and the switch knows it.
    NotSent(Leg),
    /// Likewise, and there is another channel to the bank.
    NextChannel(Leg, u8),
    /// The bank answers the query that is out.
    AnswerQuery(Leg),
    /// The query that is out brings nothing.
    LoseQuery(Leg),
    /// Time passes.
    Wait(u64),
    /// Something that concerns the institution or a notice.
    Other(Event),
}

fn any_move() -> impl Strategy<Value = Move> {
    use samples::{any_leg, any_party};
    let other = prop_oneof![
        Just(Event::ReceiptDue),
        Just(Event::ReceiptLost),
        Just(Event::ReceiptDelivered),
        any_party().prop_map(Event::NoticeAcknowledged)
    ];
    prop_oneof![
        4 => (any_leg(), prop::bool::weighted(0.2)).prop_map(|(leg, refuses)| Move::Execute(leg, refuses)),
        3 => any_leg().prop_map(Move::Answer),
        2 => any_leg().prop_map(Move::Break),
        2 => any_leg().prop_map(Move::AnswerQuery),
        1 => any_leg().prop_map(Move::LoseQuery),
        1 => any_leg().prop_map(Move::NotSent),
        1 => (any_leg(), 0_u8..3).prop_map(|(leg, way)| Move::NextChannel(leg, way)),
        4 => (1_u64..90).prop_map(Move::Wait),
        1 => other.prop_map(Move::Other),
    ]
}

/// The switch between two honest banks over a bad network.
struct World {
    life: Life,
    banks: [Bank; 2],
    queries_out: [bool; 2],
}

impl World {
    fn begin() -> Self {
        let mut world = Self { life: Life::begin(payment(1)), banks: [Bank::default(); 2], queries_out: [false; 2] };
        world.banks[0].under_way = true;
        world
    }

    fn take(&mut self, event: Event) {
        for effect in &self.life.take(event) {
            match *effect {
                Effect::SendLeg(leg) => self.banks[leg.index()].under_way = true,
                Effect::SendQuery(leg) => self.queries_out[leg.index()] = true,
                _ => {}
            }
        }
    }

    fn make(&mut self, next: Move) {
        match next {
            Move::Execute(leg, refuses) => self.banks[leg.index()].execute(refuses),
            Move::Answer(leg) => {
                if let Some(event) = self.banks[leg.index()].answer(leg) {
                    self.take(event);
                }
            }
            Move::Break(leg) => self.take(Event::LegUnknown(leg, UnknownCause::Broken)),
            Move::AnswerQuery(leg) if self.queries_out[leg.index()] => {
                self.queries_out[leg.index()] = false;
                let event = self.banks[leg.index()].answer_query(leg);
                self.take(event);
            }
            Move::LoseQuery(leg) => {
                self.queries_out[leg.index()] = false;
                self.take(Event::QueryUnanswered(leg));
            }
            Move::NotSent(leg) if self.banks[leg.index()].under_way => {
                self.banks[leg.index()].under_way = false;
                self.take(Event::LegNotSent(leg));
            }
            Move::NextChannel(leg, way) if self.banks[leg.index()].under_way => {
                self.banks[leg.index()].under_way = false;
                let is_out =
                    matches!((self.life.payment.phase, leg), (Phase::Leg1Sent, Leg::One) | (Phase::Leg2Sent, Leg::Two));
                let moves = is_out && self.life.payment.way(leg) != way;
                self.take(if moves { Event::LegMoved(leg, way) } else { Event::LegNotSent(leg) });
            }
            Move::AnswerQuery(_) | Move::NotSent(_) | Move::NextChannel(..) => {}
            Move::Wait(us) => {
                self.life.now_us += us;
                self.take(Event::Due);
            }
            Move::Other(event) => self.take(event),
        }
    }

    /// The independent model: four rows, one for each final status, of what the banks' books may say.
    fn check_books(&self) {
        let [debit, credit] = self.banks.map(|bank| bank.executed);
        let status = self.life.payment.status;
        let told_to_undo = self.life.notified.contains(&Party::Bank1);
        let undone = u32::from(debit == 1 && told_to_undo && !self.life.payment.moves_money());
        let place = format!("{status:?}: debit {debit}, undone {undone}, credit {credit}");
        match status {
            TrxStatus::Success => assert_eq!((debit, undone, credit), (1, 0, 1), "{place}"),
            TrxStatus::Failure => assert_eq!((debit - undone, credit), (0, 0), "{place}"),
            // Presumed: the credit counts as made; if it was not, a case is open.
            TrxStatus::PresumedSuccess => {
                assert_eq!((debit, undone), (1, 0), "{place}");
                assert!(credit <= 1 && self.life.cases.contains(&CaseKind::Presumed03), "{place}");
            }
            TrxStatus::PresumedFailure => {
                assert_eq!((debit - undone, credit), (0, 0), "{place}");
                assert!(self.life.cases.contains(&CaseKind::Presumed04), "{place}");
            }
            TrxStatus::InProcess => panic!("not final"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// Between two honest banks and over any network money is conserved: debits less undone debits = credits.
    #[test]
    fn money_is_conserved(moves in prop::collection::vec(any_move(), 0..80)) {
        let mut world = World::begin();
        for next in moves {
            world.make(next);
        }
        world.life.fall_silent();
        // What is still on its way arrives after all, too late; the bank was told, or will be by the statement file.
        if world.life.payment.status == TrxStatus::PresumedFailure {
            world.banks[0].execute(false);
        }
        if world.life.payment.status == TrxStatus::PresumedSuccess {
            world.banks[1].execute(false);
        }
        world.check_books();
    }
}

/// The random world reaches every final status and the resent leg: the property above is about something.
#[test]
fn the_world_reaches_every_end() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let moves = prop::collection::vec(any_move(), 0..80);
    let (mut ends, mut resent) = (Vec::new(), 0);
    for _ in 0..2_000 {
        let mut world = World::begin();
        for next in moves.new_tree(&mut runner).expect("generates").current() {
            world.make(next);
        }
        world.life.fall_silent();
        ends.push(world.life.payment.status);
        resent += u32::from(world.life.payment.leg_two_was_resent());
    }
    for status in [TrxStatus::Success, TrxStatus::Failure, TrxStatus::PresumedSuccess, TrxStatus::PresumedFailure] {
        let count = ends.iter().filter(|end| **end == status).count();
        assert!(count >= 20, "{status:?} only {count} times of {}", ends.len());
    }
    assert!(resent >= 20, "leg 2 resent only {resent} times");
}
