//! Scenarios: a worker in a model where time is arithmetic.

use super::*;

/// One worker: each turn works off all that was admitted, and refuses the rest; whatever comes meanwhile waits.
struct Worker {
    overload: Overload,
    cost: CostAverage,
    now_us: u64,
    payment_us: u64,
    refusal_us: u64,
    waiting: u64,
    last_loop_us: u64,
    last_admitted: u64,
    last_refused: u64,
    arrived_milli: u64,
}

#[derive(Debug, Default)]
struct Seen {
    admitted: u64,
    refused: u64,
    busy_us: u64,
    longest_loop_us: u64,
    turns_limited: u64,
    turns: u64,
}

impl Worker {
    /// 200 us a payment: 5,000 a second at the most; 8 us a refusal.
    fn new() -> Self {
        Self {
            overload: Overload::new(OverloadLimits::default()),
            cost: CostAverage::default(),
            now_us: 1_000_000,
            payment_us: 200,
            refusal_us: 8,
            waiting: 0,
            last_loop_us: 0,
            last_admitted: 0,
            last_refused: 0,
            arrived_milli: 0,
        }
    }

    /// Lets payments come at `per_second` for `duration_us`.
    fn run(&mut self, per_second: u64, duration_us: u64) -> Seen {
        let mut seen = Seen::default();
        let end_us = self.now_us + duration_us;
        while self.now_us < end_us {
            self.turn(per_second, &mut seen);
        }
        seen
    }

    fn turn(&mut self, per_second: u64, seen: &mut Seen) {
        let allowance = self.overload.observe(Turn {
            now_us: self.now_us,
            loop_us: self.last_loop_us,
            cost_ns: self.cost.ns(),
            admitted: self.last_admitted as u32,
            refused: self.last_refused as u32,
        });
        let admitted = self.waiting.min(u64::from(allowance));
        let refused = self.waiting - admitted;
        let loop_us = admitted * self.payment_us + refused * self.refusal_us;
        self.cost.add(loop_us * 1_000, admitted);
        seen.turns += 1;
        seen.turns_limited += u64::from(self.overload.is_limited());
        seen.admitted += admitted;
        seen.refused += refused;
        seen.busy_us += loop_us;
        seen.longest_loop_us = seen.longest_loop_us.max(loop_us);
        (self.last_loop_us, self.last_admitted, self.last_refused) = (loop_us, admitted, refused);
        self.waiting = 0;
        self.pass(loop_us.max(100), per_second);
    }

    fn pass(&mut self, us: u64, per_second: u64) {
        self.now_us += us;
        self.arrived_milli += us * per_second / 1_000;
        self.waiting += self.arrived_milli / 1_000;
        self.arrived_milli %= 1_000;
    }

    /// The worker stands still, and what comes meanwhile waits.
    fn stall(&mut self, us: u64, per_second: u64) {
        self.pass(us, per_second);
        self.last_loop_us = us;
    }
}

const SECOND: u64 = 1_000_000;

#[test]
fn below_capacity_nobody_is_refused() {
    for per_second in [0, 100, 2_500, 4_500] {
        let mut worker = Worker::new();
        let seen = worker.run(per_second, 10 * SECOND);
        assert_eq!((seen.refused, seen.turns_limited), (0, 0), "{per_second}/s: {seen:?}");
    }
}

/// The goal `goodput_at_3x` >= 0.97 of performance.md section 3, less the cost of refusing.
#[test]
fn at_three_times_the_capacity_the_goodput_stays_and_the_queue_does_not() {
    for factor in [2, 3, 10] {
        let mut worker = Worker::new();
        worker.run(5_000 * factor, 5 * SECOND);
        let seen = worker.run(5_000 * factor, 10 * SECOND);
        let refusing_us = seen.refused * worker.refusal_us;
        let best = (10 * SECOND - refusing_us) / worker.payment_us;
        println!(
            "{factor}x: goodput {}% of the best, longest loop {} us",
            seen.admitted * 100 / best,
            seen.longest_loop_us
        );
        assert!(seen.admitted * 100 >= best * 97, "{factor}x: {} of {best}; {seen:?}", seen.admitted);
        assert!(seen.longest_loop_us <= 10_000, "{factor}x: {seen:?}");
    }
}

#[test]
fn a_single_stall_is_not_overload() {
    for stall_us in [50_000, 300_000, 1_000_000] {
        let mut worker = Worker::new();
        worker.run(2_500, SECOND);
        worker.stall(stall_us, 2_500);
        let seen = worker.run(2_500, 10 * SECOND);
        assert_eq!((seen.refused, seen.turns_limited), (0, 0), "{stall_us} us: {seen:?}");
    }
}

#[test]
fn when_the_load_goes_the_limit_goes() {
    let mut worker = Worker::new();
    let hot = worker.run(15_000, 5 * SECOND);
    assert!(hot.refused > 0 && worker.overload.is_limited());
    worker.run(2_500, 2 * SECOND);
    let calm = worker.run(2_500, 10 * SECOND);
    assert_eq!((calm.refused, calm.turns_limited), (0, 0), "{calm:?}");
}

#[test]
fn overload_is_seen_within_a_second() {
    let mut worker = Worker::new();
    worker.run(2_500, SECOND);
    worker.run(15_000, 2 * SECOND);
    assert!(worker.overload.is_limited());
}

/// A cost that is not known, or far off, costs some goodput but starves nobody, and floods nobody.
#[test]
fn a_wrong_cost_is_corrected_by_what_the_queue_does() {
    for reported_ns in [0, 20_000, 2_000_000] {
        let mut overload = Overload::new(OverloadLimits::default());
        let (mut now_us, mut loop_us, mut admitted, mut refused, mut total) = (0, 50_000, 0, 0, 0);
        for turn in 0..40_000 {
            let allowance = overload.observe(Turn { now_us, loop_us, cost_ns: reported_ns, admitted, refused });
            let offered = 15_000 * loop_us / SECOND + 1;
            admitted = offered.min(u64::from(allowance)) as u32;
            refused = offered as u32 - admitted;
            loop_us = (u64::from(admitted) * 200 + u64::from(refused) * 8).max(100);
            now_us += loop_us;
            if turn == 20_000 {
                (now_us, total) = (now_us, 0);
            }
            total += u64::from(admitted);
        }
        assert!(overload.is_limited(), "{reported_ns}");
        assert!(total > 1_000, "{reported_ns}: starved with {total}");
        assert!(loop_us <= 20_000, "{reported_ns}: loops of {loop_us} us");
    }
}

#[test]
fn the_average_follows_and_waits_for_a_sample() {
    let mut cost = CostAverage::default();
    cost.add(1_000, 1);
    assert_eq!(cost.ns(), 0, "one payment is no sample");
    cost.add(31 * 200_000, 31);
    assert!((190_000..=200_000).contains(&cost.ns()), "{}", cost.ns());
    for _ in 0..100 {
        cost.add(32 * 100_000, 32);
    }
    assert!((95_000..=105_000).contains(&cost.ns()), "{}", cost.ns());
    cost.add(u64::MAX, 1);
    cost.add(u64::MAX, 100);
}

#[test]
fn a_clock_that_stands_or_steps_back_does_no_harm() {
    let mut overload = Overload::new(OverloadLimits::default());
    for now_us in [0, u64::MAX, 5, 5, u64::MAX, 0] {
        for loop_us in [0, u64::MAX, 10_000] {
            for cost_ns in [0, 1, u64::MAX] {
                overload.observe(Turn { now_us, loop_us, cost_ns, admitted: u32::MAX, refused: u32::MAX });
            }
        }
    }
}
