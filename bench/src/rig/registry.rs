//! What the node's registry says of the agreements and mandates of a run, beside what both their ends say.
//!
//! Invariant: the node is asked when the books agree, so a difference is one that stays.

use std::collections::BTreeMap;

use clearway_loadgen::oracle::Standing;
use clearway_loadgen::sgn_no::SgnNo;
use serde::Deserialize;

use super::Admin;
use crate::error::Error;

/// Differences that are told; all are counted.
const EXAMPLES_MAX: usize = 5;

/// How the registry compares.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Registry {
    /// Agreements and mandates that were asked for.
    pub asked: u64,
    /// Of these, held otherwise by the node than by both ends.
    pub differing: u64,
    /// Some of them.
    pub examples: Vec<String>,
}

/// One of the two is there when the node knows the number.
#[derive(Debug, Deserialize)]
struct Shown {
    agreement: Option<One>,
    mandate: Option<One>,
}

#[derive(Debug, Deserialize)]
struct One {
    standing: String,
}

impl Registry {
    /// Asks the node for every number.
    ///
    /// # Errors
    /// It does not answer, or not in this form.
    pub(super) fn compare(admin: Admin, standings: &BTreeMap<SgnNo, Standing>) -> Result<Self, Error> {
        let mut registry = Self::default();
        for (number, Standing { is_live, story }) in standings {
            let said = admin.agreement(number.as_str())?.map(|answer| standing(&answer)).transpose()?;
            let said = said.unwrap_or_else(|| "unknown".into());
            registry.asked += 1;
            if (said == "live") != *is_live {
                registry.differing += 1;
                registry.examples.push(format!("{number}: both ends live: {is_live}, the node: {said}; {story}"));
                registry.examples.truncate(EXAMPLES_MAX);
            }
        }
        Ok(registry)
    }
}

fn standing(answer: &[u8]) -> Result<String, Error> {
    let shown: Shown =
        serde_json::from_slice(answer).map_err(Error::failed("read what the node says of an agreement"))?;
    let one = shown.agreement.or(shown.mandate);
    one.map(|one| one.standing).ok_or_else(|| Error::Node("knows a number, and says nothing of it".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standing_of_either_is_read() {
        for answer in [
            r#"{"agreement":{"standing":"live","bank":"x"},"mandate":null}"#,
            r#"{"agreement":null,"mandate":{"standing":"live"}}"#,
        ] {
            assert_eq!(standing(answer.as_bytes()).unwrap(), "live");
        }
        for broken in [r#"{"agreement":null,"mandate":null}"#, "{}", "no"] {
            assert!(standing(broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
