//! However messages and answers are lost, late, or doubled, and whenever the process stops: money moves once, in the right order.

use std::sync::atomic::AtomicUsize;

use proptest::prelude::*;

use super::crashes::Stop;
use super::hvps::{Fate, Hvps};
use super::*;
use crate::books::settlement::order_entry::read_all;
use crate::books::settlement::orders_of_day;
use crate::domain::clearing::{OrderSet, next_hour};

/// The last batch of Monday morning's session.
const LAST: &str = "B202611230009";

/// Numbers thrown before, again and again.
struct Dice<'a>(std::iter::Cycle<std::slice::Iter<'a, u8>>);

impl Dice<'_> {
    fn throw(&mut self, sides: u8) -> u8 {
        self.0.next().map_or(0, |number| number % sides)
    }

    fn fate(&mut self) -> Fate {
        [Fate::Once, Fate::Lost, Fate::Late, Fate::Twice][usize::from(self.throw(4))]
    }
}

struct Play {
    world: World,
    settlement: Settlement,
    hvps: Hvps,
    /// The next hour that gets a batch.
    hour: BatchId,
    /// Batches that are stopped.
    stopped: Vec<(BatchId, [i128; 3])>,
    /// What the batches of the sessions up to Monday morning come to.
    nets_fen: [i128; 3],
}

impl Play {
    fn new() -> Self {
        let world = World::new();
        world.now_us.set(at("2026-11-18T22:00:00"));
        let settlement = world.open();
        let hour = batch("B202611180023").hour();
        Self { world, settlement, hvps: Hvps::default(), hour, stopped: Vec::new(), nets_fen: [0; 3] }
    }

    /// Time passes; hours that are over get a batch, some of them one that is stopped for a while.
    fn wait(&mut self, minutes: u64, dice: &mut Dice<'_>) {
        self.world.now_us.set(self.world.now_us.get() + minutes * MINUTE_US);
        while self.hour < BatchId::at(BeijingTime::from_unix_micros(self.world.now_us.get())) {
            let [one, other] = [0, 0].map(|_| (i128::from(dice.throw(255)) - 127) * 1_000_003);
            let nets_fen = [one, other, -one - other];
            self.world.batch(&self.hour.to_string(), BatchPhase::Stopped, nets_fen);
            self.stopped.push((self.hour, nets_fen));
            if self.hour <= batch(LAST).hour() {
                self.nets_fen = [0, 1, 2].map(|bank| self.nets_fen[bank] + nets_fen[bank]);
            }
            self.hour = next_hour(self.hour).expect("before 2687");
        }
        let (sealed, stopped) = std::mem::take(&mut self.stopped).into_iter().partition(|_| dice.throw(5) > 0);
        self.stopped = stopped;
        self.seal(sealed);
    }

    fn seal(&self, batches: Vec<(BatchId, [i128; 3])>) {
        batches.into_iter().for_each(|(batch, nets_fen)| self.world.sealed(&batch.to_string(), nets_fen));
    }

    /// No order twice; nothing is paid out before everything of its set is collected.
    fn check(&self) {
        let moved = &self.hvps.moved;
        let mut orders = BTreeSet::new();
        for msg_id in moved {
            assert!(orders.insert(msg_id.order), "{} was paid twice", msg_id.order);
        }
        for (place, msg_id) in moved.iter().enumerate() {
            if self.world.order(&msg_id.order.to_string()).collects() {
                continue;
            }
            let set: OrderSet = msg_id.order.set;
            let all = orders_of_day(&self.world.registers, set.day).expect("readable");
            let collecting = all.into_iter().filter(|(order, kept)| order.set == set && kept.content.collects());
            for (order, _) in collecting {
                assert!(moved[..place].iter().any(|one| one.order == order), "{msg_id} before {order}");
            }
        }
    }

    /// Nothing goes wrong any more, until Monday noon.
    fn calm_down(&mut self, dice: &mut Dice<'_>) {
        while self.world.now_us.get() < at("2026-11-23T12:00:00") {
            self.wait(10, dice);
            let all = std::mem::take(&mut self.stopped);
            self.seal(all);
            self.world.stumble(&mut self.settlement, &NoSteps);
            let overdue = self.settlement.live.iter().filter(|(_, kept)| kept.content.is_overdue);
            let overdue: Vec<String> = overdue.map(|(order, _)| order.to_string()).collect();
            overdue.iter().for_each(|order| {
                let _ = self.world.judge(&mut self.settlement, order, Judgement::Resend);
            });
            self.hvps.take(self.world.dir(), || Fate::Once, || true);
            self.hvps.deliver(self.world.dir(), || Fate::Once);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_sequence_pays_twice(numbers in prop::collection::vec(any::<u8>(), 50..400)) {
        let (mut play, mut dice) = (Play::new(), Dice(numbers.iter().cycle()));
        // From Wednesday evening to Friday noon.
        while play.world.now_us.get() < at("2026-11-20T12:00:00") {
            let minutes = [1, 7, 20, 90][usize::from(dice.throw(4))];
            play.wait(minutes, &mut dice);
            let stop = Stop(AtomicUsize::new(usize::from(dice.throw(60))));
            play.world.stumble(&mut play.settlement, &stop);
            if dice.throw(3) > 0 {
                let dice = RefCell::new(&mut dice);
                play.hvps.take(play.world.dir(), || dice.borrow_mut().fate(), || dice.borrow_mut().throw(3) > 0);
                play.hvps.deliver(play.world.dir(), || dice.borrow_mut().fate());
            }
            play.check();
        }
        play.calm_down(&mut dice);
        play.check();
        prop_assert!(play.settlement.live.is_empty(), "{:?}", play.settlement.live);
        // What moved is what the batches came to, and the interest.
        let all = read_all(&play.world.registers, Space::Order.keys()).expect("readable");
        for (place, bank) in BANKS.iter().enumerate() {
            let of_bank = all.iter().filter(|(order, _)| usize::from(order.bank) == place);
            let of_interest = of_bank.filter(|(order, _)| order.set.session().is_none());
            let interest_fen: i128 = of_interest.map(|(_, kept)| i128::from(kept.content.net_fen)).sum();
            let moved_fen = play.hvps.moved_fen.get(*bank).copied().unwrap_or(0);
            prop_assert_eq!(moved_fen, play.nets_fen[place] + interest_fen, "bank {}", place);
        }
    }
}
