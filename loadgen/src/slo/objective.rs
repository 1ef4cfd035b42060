//! An objective: several criteria, all of which must be met.

use super::criterion::Criterion;
use super::judgement::{Judged, Judgement};
use super::observed::Observed;
use super::parse::parse_criterion;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Most criteria of one objective.
pub const CRITERIA_MAX: usize = 16;

/// What a run must have reached; never empty, each measure at most once. As text and in JSON it is what the module says.
///
/// ```
/// use clearway_loadgen::Slo;
///
/// let slo: Slo = "p99 < 20ms, errors < 0.01%".parse()?;
/// assert_eq!(slo.to_string(), "p99<20ms,errors<0.01%");
/// assert!("p99>20ms".parse::<Slo>().is_err());
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slo {
    criteria: Vec<Criterion>,
}

impl Slo {
    /// What it asks for, in the order in which it was asked.
    pub fn criteria(&self) -> &[Criterion] {
        &self.criteria
    }

    /// Judges what was observed of a run.
    pub fn judge(&self, observed: &Observed<'_>) -> Judgement {
        let judged = self.criteria.iter().map(|criterion| Judged::new(criterion, observed.value(criterion.measure)));
        Judgement { slo: self.clone(), criteria: judged.collect() }
    }
}

impl FromStr for Slo {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parts: Vec<&str> = text.split(',').take(CRITERIA_MAX + 1).collect();
        if parts.len() > CRITERIA_MAX {
            return Err(Error::Slo(format!("more than {CRITERIA_MAX} criteria")));
        }
        let mut criteria: Vec<Criterion> = Vec::with_capacity(parts.len());
        for part in parts {
            let criterion = parse_criterion(part)?;
            if criteria.iter().any(|other| other.measure == criterion.measure) {
                return Err(Error::Slo(format!("`{}` is asked for twice", criterion.measure)));
            }
            criteria.push(criterion);
        }
        Ok(Self { criteria })
    }
}

impl TryFrom<String> for Slo {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Slo> for String {
    fn from(slo: Slo) -> Self {
        slo.to_string()
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, criterion) in self.criteria.iter().enumerate() {
            write!(f, "{}{criterion}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}
