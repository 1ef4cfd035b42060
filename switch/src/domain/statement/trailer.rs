//! The last line of a file: how many, how much, and the digest of all that stands before it.
//!
//! ```text
//!  END|count|amount, fen|sha256:64 hexadecimal digits
//! ```

use super::row::parse_number;

/// What the last line begins with; no row does.
pub const TRAILER: &str = "END";

/// The last line of a detail file or summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// Rows of the file; in a summary, of its sums together.
    pub count: u64,
    /// Their amounts together, fen, whatever their status.
    pub amount_fen: u64,
    /// Digest of all bytes before the line, with its name.
    pub digest: String,
}

impl Trailer {
    /// The line, with its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        format!("{TRAILER}|{}|{}|{}\n", self.count, self.amount_fen, self.digest)
    }

    /// Reads a line, without its end. None for another one.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        let mut parts = line.split(|byte| *byte == b'|');
        if parts.next()? != TRAILER.as_bytes() {
            return None;
        }
        let (count, amount_fen) = (parse_number(parts.next()?)?, parse_number(parts.next()?)?);
        let digest = std::str::from_utf8(parts.next()?).ok()?.to_owned();
        parts.next().is_none().then_some(Self { count, amount_fen, digest })
    }
}
