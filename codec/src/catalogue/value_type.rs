//! The forms a value can have. Invariant: `check` accepts exactly what the newtype of the same
//! name parses, so an accessor can never fail on a checked value. Called by check and encoder.

use crate::value::{
    Amount, BatchId, BeijingTime, Direction, DisputeBatchId, InstitutionId, ReturnCode, SerialNumber, TrxId, TrxStatus,
    ValueError, all_alphanumeric, all_digits, all_printable,
};

/// Form of a leaf's value. Only [`Text`](Self::Text) may contain references such as `&amp;`; all
/// other forms are literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// Any text.
    Text,
    /// Printable ASCII.
    Printable,
    /// ASCII letters and digits.
    Alphanumeric,
    /// Digits, as many as the row's length says.
    Digits,
    /// Digits, up to as many as the row's length says.
    Number,
    /// See [`Amount`].
    Amount,
    /// See [`TrxId`].
    TrxId,
    /// See [`InstitutionId`].
    Institution,
    /// See [`SerialNumber`].
    SerialNumber,
    /// See [`BeijingTime`].
    Time,
    /// See [`BatchId`].
    BatchId,
    /// See [`DisputeBatchId`].
    DisputeBatch,
    /// See [`TrxStatus`].
    Status,
    /// See [`ReturnCode`].
    ReturnCode,
    /// See [`Direction`].
    Direction,
    /// `1` for the debit leg, `2` for the credit leg.
    LegFlag,
    /// Form of a message type; whether it is in the catalogue is asked elsewhere.
    MessageType,
}

impl ValueType {
    /// Whether `value`, which is not empty and at most `chars_max` characters long, has this form.
    #[inline]
    pub(crate) fn check(self, value: &[u8], chars_max: u16) -> Result<(), ValueError> {
        match self {
            Self::Text => Ok(()),
            Self::Printable => all_printable(value).then_some(()).ok_or(ValueError::NotAscii),
            Self::Alphanumeric => all_alphanumeric(value).then_some(()).ok_or(ValueError::NotAlphanumeric),
            Self::Digits if value.len() != usize::from(chars_max) => Err(ValueError::Length),
            Self::Digits => all_digits(value).then_some(()).ok_or(ValueError::NotDigits),
            Self::Number => all_digits(value).then_some(()).ok_or(ValueError::NotDigits),
            Self::Amount => Amount::parse(value).map(drop),
            Self::TrxId => TrxId::parse(value).map(drop),
            Self::Institution => InstitutionId::parse(value).map(drop),
            Self::SerialNumber => SerialNumber::parse(value).map(drop),
            Self::Time => BeijingTime::parse(value).map(drop),
            Self::BatchId => BatchId::parse(value).map(drop),
            Self::DisputeBatch => DisputeBatchId::parse(value).map(drop),
            Self::Status => TrxStatus::parse(value).map(drop),
            Self::ReturnCode => ReturnCode::parse(value).map(drop),
            Self::Direction => Direction::parse(value).map(drop),
            Self::LegFlag if matches!(value, b"1" | b"2") => Ok(()),
            Self::LegFlag => Err(ValueError::UnknownCode),
            Self::MessageType => check_message_type(value),
        }
    }
}

/// `aaaa.nnn.nnn.nn`, fifteen characters.
fn check_message_type(value: &[u8]) -> Result<(), ValueError> {
    let &[a1, a2, a3, a4, b'.', n1, n2, n3, b'.', n4, n5, n6, b'.', n7, n8] = value else {
        return Err(if value.len() == 15 { ValueError::Form } else { ValueError::Length });
    };
    if ![a1, a2, a3, a4].iter().all(u8::is_ascii_lowercase) {
        return Err(ValueError::Form);
    }
    all_digits(&[n1, n2, n3, n4, n5, n6, n7, n8]).then_some(()).ok_or(ValueError::NotDigits)
}
