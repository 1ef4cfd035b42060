//! The committed counts, and how far a run may be from them.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::count::Counts;
use super::tools::Toolchain;
use crate::cli::write_json;
use crate::error::Error;

/// Growth that is let pass.
const TOLERANCE_PERCENT: f64 = 3.0;
/// A handful of instructions is no growth: the compiler lays out a short function anew when its neighbours change.
const TOLERANCE_INSTRUCTIONS: u64 = 40;

/// `baseline/instructions.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// What made these counts.
    pub toolchain: Toolchain,
    /// Growth that is let pass, in per cent.
    pub tolerance_percent: f64,
    /// Instructions by benchmark.
    pub instructions: Counts,
}

/// One benchmark beside its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Which.
    pub name: String,
    /// Committed.
    pub baseline: Option<u64>,
    /// Counted now.
    pub now: Option<u64>,
    /// Growth that is let pass, in per cent.
    tolerance_percent: f64,
}

impl Comparison {
    /// Growth in per cent; `None` when one side is missing.
    pub fn change_percent(&self) -> Option<f64> {
        let (baseline, now) = (self.baseline? as f64, self.now? as f64);
        Some((now / baseline.max(1.0) - 1.0) * 100.0)
    }

    /// Neither grown nor missing.
    pub fn is_good(&self) -> bool {
        let (Some(baseline), Some(now)) = (self.baseline, self.now) else { return false };
        // Multiplied out, so that a growth of exactly the tolerance is no matter of rounding.
        let is_within = now as f64 * 100.0 <= baseline as f64 * (100.0 + self.tolerance_percent);
        is_within || now.saturating_sub(baseline) <= TOLERANCE_INSTRUCTIONS
    }
}

impl Baseline {
    pub(super) fn new(toolchain: Toolchain, instructions: Counts) -> Self {
        Self { toolchain, tolerance_percent: TOLERANCE_PERCENT, instructions }
    }

    /// Reads it.
    ///
    /// # Errors
    /// There is no such file, or it has another form.
    pub fn read(file: &Path) -> Result<Self, Error> {
        let text = std::fs::read(file).map_err(Error::machine(format!("read {}", file.display())))?;
        serde_json::from_slice(&text).map_err(Error::failed("read the baseline"))
    }

    /// Writes it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, file: &Path) -> Result<(), Error> {
        write_json(file, self)
    }

    /// Every benchmark of either side.
    pub fn compare(&self, counts: &Counts) -> Vec<Comparison> {
        let mut names: Vec<&String> = self.instructions.keys().chain(counts.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let side = |counts: &Counts, name: &str| counts.get(name).copied();
        names
            .into_iter()
            .map(|name| Comparison {
                name: name.clone(),
                baseline: side(&self.instructions, name),
                now: side(counts, name),
                tolerance_percent: self.tolerance_percent,
            })
            .collect()
    }

    /// Why its counts cannot be set against those of `toolchain`; `None` = they can.
    pub fn is_of_another(&self, toolchain: &Toolchain) -> Option<String> {
        let Toolchain { rustc, avx2, .. } = &self.toolchain;
        if *rustc != toolchain.rustc {
            return Some(format!("the baseline is of {rustc}, this is {}", toolchain.rustc));
        }
        (*avx2 != toolchain.avx2)
            .then(|| format!("the baseline is of a processor {} AVX2", if *avx2 { "with" } else { "without" }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline() -> Baseline {
        let toolchain = Toolchain { rustc: "rustc 1".into(), avx2: true, valgrind: "v".into() };
        let counts = [("small", 250), ("large", 10_000), ("gone", 1)];
        Baseline::new(toolchain, counts.map(|(name, count)| (name.to_owned(), count)).into_iter().collect())
    }

    #[test]
    fn growth_is_judged_in_per_cent_and_a_handful_is_none() {
        let cases = [
            ("large", 10_300, true),
            ("large", 10_301, false),
            ("large", 5_000, true),
            ("small", 290, true),
            ("small", 291, false),
        ];
        for (name, now, good) in cases {
            let compared = baseline().compare(&[(name.to_owned(), now)].into());
            let one = compared.iter().find(|comparison| comparison.name == name);
            assert_eq!(one.map(Comparison::is_good), Some(good), "{name} {now}");
        }
    }

    #[test]
    fn missing_on_either_side_is_bad() {
        let compared = baseline().compare(&[("new".to_owned(), 1), ("small".to_owned(), 250)].into());
        let bad: Vec<&str> = compared
            .iter()
            .filter(|comparison| !comparison.is_good())
            .map(|comparison| comparison.name.as_str())
            .collect();
        assert_eq!(bad, ["gone", "large", "new"]);
    }

    #[test]
    fn another_compiler_or_processor_is_not_compared() {
        let baseline = baseline();
        let same = Toolchain { valgrind: "other".into(), ..baseline.toolchain.clone() };
        assert_eq!(baseline.is_of_another(&same), None);
        assert!(baseline.is_of_another(&Toolchain { rustc: "rustc 2".into(), ..same.clone() }).is_some());
        assert!(baseline.is_of_another(&Toolchain { avx2: false, ..same }).is_some());
    }

    #[test]
    fn the_committed_baseline_can_be_read() {
        let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/baseline/instructions.json"));
        let baseline = Baseline::read(file).unwrap();
        assert!(baseline.instructions.len() >= 8 && baseline.tolerance_percent > 0.0);
    }
}
