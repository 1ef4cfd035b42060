//! Why a change is not made.

use std::fmt;

use crate::config::AdmissionFault;
use crate::error::Error;

/// A change that was not made: nothing is different from before.
#[derive(Debug)]
pub enum Refusal {
    /// The request is not understood, or a value is wrong: the operator's turn. Names the key.
    Malformed(String),
    /// It names something that is not there.
    Unknown(String),
    /// The journal did not take it.
    NotRecorded(Error),
}

impl Refusal {
    /// A wrong value of a key.
    #[must_use]
    pub fn value(key: &str, what: impl fmt::Display) -> Self {
        Self::Malformed(format!("{key}: {what}"))
    }
}

impl From<AdmissionFault> for Refusal {
    fn from(fault: AdmissionFault) -> Self {
        Self::value(fault.key, fault.what)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) | Self::Unknown(what) => formatter.write_str(what),
            Self::NotRecorded(error) => write!(formatter, "not recorded, so not made: {error}"),
        }
    }
}
