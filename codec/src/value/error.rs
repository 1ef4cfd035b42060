//! What can be wrong with one value.

/// Why a value was refused. Each variant is a fact about the bytes, so that a test, a log line
/// and a return code can tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ValueError {
    /// Nothing at all.
    #[error("empty")]
    Empty,
    /// Not the number of characters that this type has.
    #[error("wrong length")]
    Length,
    /// Something other than the digits 0 to 9.
    #[error("not all digits")]
    NotDigits,
    /// Something other than ASCII letters and digits.
    #[error("not all letters and digits")]
    NotAlphanumeric,
    /// Something other than printable ASCII.
    #[error("not printable ASCII")]
    NotAscii,
    /// An amount that does not start with `CNY`.
    #[error("currency is not CNY")]
    Currency,
    /// An amount with a leading `-`.
    #[error("negative amount")]
    Negative,
    /// An amount with a leading `+`.
    #[error("leading plus sign")]
    PlusSign,
    /// An amount without exactly two decimals after one point.
    #[error("not exactly two decimals")]
    Decimals,
    /// An amount with a needless leading zero, such as `CNY01.00`.
    #[error("leading zero")]
    LeadingZero,
    /// An amount of nothing.
    #[error("amount is zero")]
    Zero,
    /// An amount above [`AMOUNT_FEN_MAX`](crate::limits::AMOUNT_FEN_MAX).
    #[error("amount too large")]
    TooLarge,
    /// No such day in the calendar, or outside the years the type can hold.
    #[error("no such date")]
    Date,
    /// No such time of day, or not in the form `yyyy-MM-ddTHH:mm:ss`.
    #[error("no such time")]
    Time,
    /// A fixed part of the form is wrong, such as the `B` of a batch id.
    #[error("wrong form")]
    Form,
    /// A code that the wire does not define.
    #[error("unknown code")]
    UnknownCode,
}
