//! Clear values of one transaction.

use std::fmt;

use clearway_codec::Field;
use zeroize::Zeroizing;

/// Clear texts by field; wiped when dropped, never printed.
#[derive(Default)]
pub struct Clear {
    values: Vec<(Field, Zeroizing<String>)>,
}

impl Clear {
    /// The clear text of `field`.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        self.values.iter().find(|(known, _)| *known == field).map(|(_, text)| text.as_str())
    }

    /// Takes over the values of `other`; where both have one, the other's is the newer.
    pub fn absorb(&mut self, other: Self) {
        for (field, text) in other.values {
            self.put(field, text);
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn put(&mut self, field: Field, text: Zeroizing<String>) {
        match self.values.iter_mut().find(|(known, _)| *known == field) {
            Some((_, old)) => *old = text,
            None => self.values.push((field, text)),
        }
    }
}

impl fmt::Debug for Clear {
    /// Which fields, not what is in them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clear")?;
        f.debug_set().entries(self.values.iter().map(|(field, _)| field)).finish()
    }
}
