//! `[business]`: what the business leaves to the operator.

use std::path::PathBuf;

use serde::Deserialize;

use crate::error::{Error, Fault};

/// What becomes of a payment by an agreement that the register does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownAgreements {
    /// `refuse`: PB521014, before any bank sees it.
    #[default]
    Refuse,
    /// `pass`: it goes to its bank, which knows. For the time in which agreements of the direct links are still to be imported.
    Pass,
}

/// `[business]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusinessSection {
    /// `unknown_agreements`: `refuse` (default) or `pass`.
    pub unknown_agreements: UnknownAgreements,
    /// `agreements_max`: agreements in memory, 1 to 100,000,000; more signings are refused. Default 20,000,000.
    pub agreements_max: usize,
    /// `control_numbers`: the six digits that an institution's transaction ids may end with, at most 100 (401/402). Empty (the
    /// default): twenty of the platform's, 77 before 0000 to 0009 and 0100 to 0109 (wire.md 4).
    pub control_numbers: Vec<u32>,
    /// `enforce_control_numbers`: whether other endings are refused. Default false.
    pub enforce_control_numbers: bool,
    /// `working_days`: a file of working days and holidays; none (the default) takes the one that the node was built with.
    pub working_days: Option<PathBuf>,
}

impl Default for BusinessSection {
    fn default() -> Self {
        Self {
            unknown_agreements: UnknownAgreements::Refuse,
            agreements_max: 20_000_000,
            control_numbers: Vec::new(),
            enforce_control_numbers: false,
            working_days: None,
        }
    }
}

impl BusinessSection {
    /// Checks ranges.
    ///
    /// # Errors
    /// The first key that is out of range.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !(1..=100_000_000).contains(&self.agreements_max) {
            let what = format!("{} is not within 1 and 100000000", self.agreements_max);
            return Err(Error::new(Fault::Configuration, what).at("business.agreements_max"));
        }
        let too_many = self.control_numbers.len() > 100;
        match self.control_numbers.iter().find(|number| **number > 999_999) {
            None if !too_many => Ok(()),
            found => {
                let what = found
                    .map_or_else(|| "more than 100".to_owned(), |number| format!("{number} has more than six digits"));
                Err(Error::new(Fault::Configuration, what).at("business.control_numbers"))
            }
        }
    }
}
