//! Suites, transports and durabilities beside each other.

use super::answer::AxisPoint;
use super::measurements::Variant;

/// Points of one axis; `headline` is the value that the steps of load ran with.
pub(super) fn axis(variants: &[Variant], headline: &str) -> Vec<AxisPoint> {
    let cpu = |variant: &Variant| variant.step.usage.cpu_us_per_payment;
    let usable = |variant: &&Variant| variant.name == headline && variant.step.is_valid() && cpu(variant) > 0.0;
    let reference = variants.iter().find(usable).map(cpu);
    variants.iter().map(|variant| point(variant, headline, reference)).collect()
}

fn point(variant: &Variant, headline: &str, reference: Option<f64>) -> AxisPoint {
    let Variant { name, detail, crypto_floor_us, step } = variant;
    let cpu = step.usage.cpu_us_per_payment;
    AxisPoint {
        name: name.clone(),
        detail: detail.clone(),
        offered_per_s: step.offered_per_s,
        cpu_us_per_payment: cpu,
        crypto_floor_us: *crypto_floor_us,
        cpu_ratio: reference.filter(|_| step.is_valid()).map(|reference| cpu / reference),
        payments_per_core_second: if cpu > 0.0 { 1e6 / cpu } else { 0.0 },
        p99_us: step.response_us.p99,
        journal_bytes_per_payment: step.usage.journal_bytes_per_payment,
        headline: name == headline,
        breaches: step.breaches.clone(),
        invalid: step.invalid.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::{Step, Usage};

    fn variant(name: &str, cpu_us_per_payment: f64, invalid: bool) -> Variant {
        let invalid = if invalid { vec!["late".to_owned()] } else { Vec::new() };
        let usage = Usage { cpu_us_per_payment, ..Usage::default() };
        Variant { name: name.into(), step: Step { usage, invalid, ..Step::default() }, ..Variant::default() }
    }

    #[test]
    fn values_are_set_against_the_headlines() {
        let found =
            axis(&[variant("p256", 250.0, false), variant("rsa", 750.0, false), variant("sm2", 1.0, true)], "p256");
        let ratios: Vec<_> = found.iter().map(|point| point.cpu_ratio).collect();
        assert_eq!(ratios, [Some(1.0), Some(3.0), None]);
        assert_eq!((found[0].payments_per_core_second, found[0].headline, found[1].headline), (4_000.0, true, false));
    }

    #[test]
    fn without_the_headlines_own_value_there_is_no_ratio() {
        let found = axis(&[variant("p256", 250.0, true), variant("rsa", 750.0, false)], "p256");
        assert!(found.iter().all(|point| point.cpu_ratio.is_none()));
    }
}
