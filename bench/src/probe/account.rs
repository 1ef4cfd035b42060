//! What keeping account of the stages costs a payment.

use std::time::Duration;

use clearway::clock::Clock;
use clearway::metrics::Metrics;

use crate::cpu::{micros, pin, thread_cpu};
use crate::error::Error;
use crate::samples::Accountant;

/// Payments between two looks at the clock.
const BURST: usize = 64;
/// The best round counts: whatever else the machine does can only add.
const ROUNDS: usize = 5;

/// CPU, in microseconds, that the account of one payment costs on `core` when it shares no burst with another; takes `ROUNDS * round`.
///
/// # Errors
/// No thread can be made.
pub fn measure_account(core: Option<usize>, round: Duration) -> Result<f64, Error> {
    let work = move || {
        pin(core);
        let mut accountant = Accountant::new(Metrics::new(1, Vec::new(), Clock::real()).worker(0));
        (0..ROUNDS).map(|_| cpu_us_per_payment(&mut accountant, round)).fold(f64::MAX, f64::min)
    };
    let thread = std::thread::Builder::new().name("account".into()).spawn(work).map_err(Error::machine("a thread"))?;
    thread.join().map_err(|_| Error::Failed { what: "account of stages", why: "the thread panicked".into() })
}

fn cpu_us_per_payment(accountant: &mut Accountant, round: Duration) -> f64 {
    let (began, mut payments) = (thread_cpu(), 0_usize);
    loop {
        (0..BURST).for_each(|_| accountant.account());
        payments += BURST;
        let spent = thread_cpu() - began;
        if spent >= round {
            return micros(spent) / payments as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::{allocations_of, is_counting};

    #[test]
    fn an_account_costs_something_and_allocates_nothing() {
        assert!(measure_account(None, Duration::from_micros(1)).unwrap() > 0.0);
        let mut accountant = Accountant::new(Metrics::new(1, Vec::new(), Clock::real()).worker(0));
        assert!(is_counting());
        assert_eq!(allocations_of(|| (0..100).for_each(|_| accountant.account())), 0);
    }
}
