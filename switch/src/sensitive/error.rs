//! Why sensitive values cannot be read or sent.

use clearway_codec::ReturnCode;

/// Why the encrypted values of a message cannot be read. The sender is told the code and no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Values are encrypted, but the header has no `NcrptnSN` or no `DgtlEnvlp`.
    #[error("a message with encrypted values has no envelope")]
    NoEnvelope,
    /// `NcrptnSN` is not the serial number of an encryption certificate of this node.
    #[error("the envelope is for a key that this node does not have")]
    UnknownKey,
    /// Envelope or values do not open, or what they hold is too long, empty or of other characters. Deliberately not
    /// told apart.
    #[error("an encrypted value or its envelope cannot be read")]
    Unreadable,
}

impl OpenError {
    /// What the sender is told (ours).
    #[must_use]
    pub const fn return_code(self) -> ReturnCode {
        match self {
            Self::NoEnvelope | Self::UnknownKey => ReturnCode::ES000027,
            Self::Unreadable => ReturnCode::ES000028,
        }
    }
}

/// Why values cannot be sealed for a participant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The manifest has no encryption key of it.
    #[error("the manifest has no encryption key of the receiver")]
    NoKey,
    /// Randomness or the library failed.
    #[error("values cannot be encrypted")]
    Failed,
}

impl SealError {
    /// What the sender of the values is told (ours).
    #[must_use]
    pub const fn return_code(self) -> ReturnCode {
        match self {
            Self::NoKey => ReturnCode::ES000029,
            Self::Failed => ReturnCode::ES000098,
        }
    }
}
