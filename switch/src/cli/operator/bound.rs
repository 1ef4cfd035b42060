//! A bound on the command line, and the fields of a change.

use std::str::FromStr;

use serde_json::{Map, Value};

/// A number, or `none`: the bound is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bound(Option<u64>);

impl FromStr for Bound {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self(None)),
            number => number.parse().map(|number| Self(Some(number))).map_err(|_| "a number, or none".to_owned()),
        }
    }
}

impl From<Bound> for Value {
    fn from(Bound(bound): Bound) -> Self {
        bound.map_or(Self::Null, Self::from)
    }
}

/// Puts what was said on the command line; what was not stays as it is at the node.
pub(super) fn put<T: Into<Value>>(fields: &mut Map<String, Value>, key: &str, said: Option<T>) {
    if let Some(value) = said {
        fields.insert(key.to_owned(), value.into());
    }
}
