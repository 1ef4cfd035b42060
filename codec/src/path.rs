//! The place of an error as a path of element names, kept inline so that a refusal costs no heap.

use std::fmt;

use crate::limits::PATH_BYTES_MAX;

/// Path of an element, such as `/root/MsgBody/TrxInf/TrxAmt`.
///
/// Names come from strangers, so bytes other than printable ASCII are shown as `?`, and a path
/// longer than [`PATH_BYTES_MAX`] is cut and ends in `~`. Empty when the trouble is outside the
/// document or with the document as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ElementPath {
    bytes: [u8; PATH_BYTES_MAX],
    len: u8,
}

const _: () = assert!(PATH_BYTES_MAX <= u8::MAX as usize);

impl ElementPath {
    /// The path of nothing in particular.
    pub const EMPTY: Self = Self { bytes: [0; PATH_BYTES_MAX], len: 0 };

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }

    /// Goes one level down.
    pub(crate) fn push(&mut self, name: &[u8]) {
        self.push_byte(b'/');
        for &byte in name {
            self.push_byte(if byte.is_ascii_graphic() { byte } else { b'?' });
        }
    }

    fn push_byte(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.len)) {
            *place = byte;
            self.len += 1;
        } else {
            self.bytes[PATH_BYTES_MAX - 1] = b'~';
        }
    }
}

impl fmt::Display for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ElementPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ElementPath({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_names_and_hides_what_could_harm_a_log() {
        let mut path = ElementPath::EMPTY;
        assert_eq!(path.as_str(), "");
        path.push(b"root");
        path.push("金\n额\x1b[0m".as_bytes());
        assert_eq!(path.to_string(), "/root/????????[0m");
    }

    #[test]
    fn cuts_a_long_path() {
        let mut path = ElementPath::EMPTY;
        for _ in 0..20 {
            path.push(b"a-rather-long-name");
        }
        assert_eq!(path.as_str().len(), PATH_BYTES_MAX);
        assert!(path.as_str().ends_with('~'));
    }
}
