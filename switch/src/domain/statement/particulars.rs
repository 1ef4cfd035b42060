//! What a line of a statement needs beside the payment itself: kept in the record that makes it final.
//!
//! ```text
//!  five times: length u8, so many bytes      BizTp, TrxDtTm, SgnNo, DbtrBankId, CdtrBankId; empty where there is none
//! ```

use crate::domain::transaction::Corrupt;

/// Longest particulars.
pub const PARTICULARS_BYTES_MAX: usize = 5 * 256;

/// Elements of request and answers as they were written, each cut at 255 bytes. No card numbers among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Particulars<'a> {
    /// BizTp of the request.
    pub biz_tp: &'a [u8],
    /// TrxDtTm of the request.
    pub trx_time: &'a [u8],
    /// SgnNo of the request.
    pub sgn_no: &'a [u8],
    /// DbtrBankId and CdtrBankId: the serials that the banks of leg 1 and leg 2 gave.
    pub serials: [&'a [u8]; 2],
}

impl<'a> Particulars<'a> {
    /// Appends its bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for part in [self.biz_tp, self.trx_time, self.sgn_no, self.serials[0], self.serials[1]] {
            let part = part.get(..255).unwrap_or(part);
            out.push(part.len() as u8);
            out.extend_from_slice(part);
        }
    }

    /// Reads all of `bytes`.
    ///
    /// # Errors
    /// [`Corrupt`] when they are no particulars.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        let mut rest = bytes;
        let mut part = || {
            let (length, behind) = rest.split_first().ok_or(Corrupt("particulars"))?;
            let (part, behind) = behind.split_at_checked(usize::from(*length)).ok_or(Corrupt("particulars"))?;
            rest = behind;
            Ok(part)
        };
        let read = Self { biz_tp: part()?, trx_time: part()?, sgn_no: part()?, serials: [part()?, part()?] };
        if rest.is_empty() { Ok(read) } else { Err(Corrupt("particulars")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particulars_read_back_and_nothing_else_does() {
        let long = [b'7'; 300];
        let written =
            Particulars { biz_tp: b"110001", trx_time: b"2026-11-20T10:00:00", sgn_no: b"", serials: [b"A1", &long] };
        let mut bytes = Vec::new();
        written.encode(&mut bytes);
        assert!(bytes.len() <= PARTICULARS_BYTES_MAX);
        assert_eq!(Particulars::decode(&bytes), Ok(Particulars { serials: [b"A1", &long[..255]], ..written }));
        for end in 0..bytes.len() {
            assert!(Particulars::decode(&bytes[..end]).is_err(), "cut at {end}");
        }
        bytes.push(0);
        assert!(Particulars::decode(&bytes).is_err(), "too long");
    }
}
