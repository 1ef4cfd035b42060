//! A report for people, on a terminal.

use super::{GeneratorCost, Report};
use crate::histogram::Quantiles;
use crate::run::Abort;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:.1} payments/s over {:.1} s of {:.1}/s due, {:.1}/s sent, {}",
            self.payments_per_second, self.window_seconds, self.offered_per_s, self.achieved_per_s, self.suite
        )?;
        writeln!(
            f,
            "scheduled {}, sent {}, late {}, dropped {}, refused {} ({} unasked), unknown {}, errors {}",
            self.scheduled,
            self.sent,
            self.late,
            self.dropped,
            self.refused,
            self.refused_unasked,
            self.unknown,
            self.errors
        )?;
        line(f, "response_us", &self.response_us)?;
        line(f, "service_us", &self.service_us)?;
        line(f, "internal_us", &self.internal_us)?;
        line(f, "lateness_us", &self.lateness_us)?;
        for (kind, of_kind) in self.kinds.iter().filter(|(_, of_kind)| of_kind.sent > 0) {
            writeln!(f, "{kind:>14}  sent {}, outcomes {:?}", of_kind.sent, of_kind.outcomes)?;
        }
        generator(f, &self.generator_cpu_us_per_payment)?;
        writeln!(
            f,
            "       window  {:.1} s after a warm-up of {:.1} s; {:.1} s of drain left out",
            self.window_seconds, self.window_start_s, self.drain_seconds
        )?;
        if let Some(Abort { at_s, reason }) = &self.aborted {
            writeln!(f, "      ABORTED  after {at_s:.1} s: {reason}")?;
        }
        self.invalid.iter().try_for_each(|reason| writeln!(f, "       INVALID  {reason}"))
    }
}

fn generator(f: &mut fmt::Formatter<'_>, cost: &GeneratorCost) -> fmt::Result {
    write!(f, "    generator  {:.0} us of CPU a payment to send and to read", cost.sender)?;
    match cost.banks {
        Some(banks) => writeln!(f, ", {banks:.0} us for banks and institutions"),
        None => writeln!(f),
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, quantiles: &Quantiles) -> fmt::Result {
    let Quantiles { p50, p90, p99, p999, max, .. } = quantiles;
    writeln!(f, "{name:>14}  p50 {p50:>8}  p90 {p90:>8}  p99 {p99:>8}  p999 {p999:>8}  max {max:>8}")
}
