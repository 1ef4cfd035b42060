//! Numbers of agreements and mandates (SgnNo), and the agreements of the direct-link time that a run may use.
//!
//! ```text
//! EPI 0002 0005 0000000042      imported: institution's place, bank's place, which of theirs
//! EPS 2026112048291300000000426770101    signed here: the signing's transaction id
//! EPM 2026112048291300000000426770101    mandate: the same
//! ```
//!
//! Invariant: a number is a pure function of what it was made for. The generator needs no list of the agreements that
//! were imported, and a bank that signs twice under one transaction id gives the same number twice.

use clearway_codec::TrxId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Longest number on the wire, in characters.
pub const SGN_NO_CHARS_MAX: usize = 34;

/// The number of an agreement or a mandate, inline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SgnNo {
    bytes: [u8; SGN_NO_CHARS_MAX],
    len: u8,
}

impl SgnNo {
    /// `None` when it is empty, longer than the wire allows or not printable.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; SGN_NO_CHARS_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        let printable = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
        printable.then_some(Self { bytes, len: text.len() as u8 })
    }

    /// As it stands on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The number that a simulated bank gives to what was opened by this transaction.
    pub(crate) fn issued(for_mandate: bool, by: TrxId) -> Self {
        let mut bytes = *b"EPS0000000000000000000000000000000";
        if for_mandate {
            bytes[2] = b'M';
        }
        bytes[3..].copy_from_slice(&by.to_text());
        Self { bytes, len: SGN_NO_CHARS_MAX as u8 }
    }
}

impl fmt::Display for SgnNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SgnNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SgnNo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SgnNo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).ok_or_else(|| serde::de::Error::custom(format!("{text}: no agreement number")))
    }
}

/// The number of an agreement of the direct-link time: the `index`-th that customers of this bank have with this
/// institution. Both by place in the configuration.
pub fn imported_agreement(institution: usize, bank: usize, index: u32) -> SgnNo {
    let mut bytes = [0; SGN_NO_CHARS_MAX];
    let text = format!("EPI{:04}{:04}{index:010}", institution % 10_000, bank % 10_000);
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    SgnNo { bytes, len: text.len() as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_their_own_and_fit_the_wire() {
        let id = TrxId::parse(b"2026112048291300000000420770101").unwrap();
        let issued = [SgnNo::issued(false, id), SgnNo::issued(true, id)];
        assert_eq!(issued.map(|number| number.as_bytes().len()), [SGN_NO_CHARS_MAX; 2]);
        assert_ne!(issued[0], issued[1]);
        assert_eq!(imported_agreement(2, 5, 42).as_str(), "EPI000200050000000042");
        assert_eq!(SgnNo::parse(issued[0].as_bytes()), Some(issued[0]));
        for text in [&b""[..], b"a b", &[b'7'; SGN_NO_CHARS_MAX + 1]] {
            assert_eq!(SgnNo::parse(text), None);
        }
    }
}
