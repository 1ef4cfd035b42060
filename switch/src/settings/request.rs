//! What the bodies of operators' calls have in common.

use serde::{Deserialize, Deserializer};

use super::refusal::Refusal;

/// Longest name of an operator, in characters.
const BY_CHARS_MAX: usize = 64;

/// Tells a key that is `null` from one that is not there.
///
/// # Errors
/// Those of `T`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads a body.
///
/// # Errors
/// [`Refusal::Malformed`]: not JSON of this form.
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Malformed(error.to_string()))
}

/// Either the one key, or at least one of the others.
///
/// # Errors
/// [`Refusal::Malformed`]: both, or nothing.
pub fn one_of(key: &str, said: bool, others: bool) -> Result<(), Refusal> {
    match (said, others) {
        (true, true) => Err(Refusal::value(key, "stands alone")),
        (false, false) => Err(Refusal::Malformed("there is nothing to change".to_owned())),
        _ => Ok(()),
    }
}

/// The operator's name, if it can stand in a log line.
///
/// # Errors
/// [`Refusal::Malformed`]: empty, over 64 characters, or with control characters or spaces around it.
pub fn checked_name(by: &str) -> Result<String, Refusal> {
    let length = by.chars().count();
    let plain = !by.chars().any(char::is_control) && by.trim() == by;
    if (1..=BY_CHARS_MAX).contains(&length) && plain {
        return Ok(by.to_owned());
    }
    Err(Refusal::value("by", format!("must be a name of 1 to {BY_CHARS_MAX} characters")))
}
