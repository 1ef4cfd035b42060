//! Return codes, of the system (`SysRtnCd`) and of the business (`BizStsCd`).

use std::fmt;

use super::{ValueError, digits};

/// A return code: 8 ASCII letters and digits.
///
/// ```text
/// 00000000        success, on both levels
/// E S 0 000 25    who (P payer's side, R payee's side, E switch) | S system or B business
///                 | 5 payer, 6 payee, 0 switch | what it was about, and the fault
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReturnCode([u8; 8]);

/// Declares the codes that this project itself writes or understands.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        impl ReturnCode {
            $($(#[$doc])* pub const $name: Self = Self(*$code);)*

            /// Every code with a name, in the order of declaration.
            pub const NAMED: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

codes! {
    /// Success.
    SUCCESS = b"00000000";
    /// A mandatory element is missing (ours).
    ES000010 = b"ES000010";
    /// A value is too long (ours).
    ES000011 = b"ES000011";
    /// A value is not of its form (ours).
    ES000012 = b"ES000012";
    /// An element is out of order, there twice, or has markup in its value (ours).
    ES000013 = b"ES000013";
    /// The message type is not known (ours).
    ES000014 = b"ES000014";
    /// The direction does not fit the sender (ours).
    ES000015 = b"ES000015";
    /// Signer or serial number not known (ours).
    ES000021 = b"ES000021";
    /// The signature block is missing.
    ES000022 = b"ES000022";
    /// The key is not yet, or no longer, valid (ours).
    ES000023 = b"ES000023";
    /// The key belongs to another participant, or the sender may not send this (ours).
    ES000024 = b"ES000024";
    /// The signature does not verify.
    ES000025 = b"ES000025";
    /// The signature of an answer is incomplete.
    ES000026 = b"ES000026";
    /// Encrypted values without an envelope, or one for a key that the receiver does not have (ours).
    ES000027 = b"ES000027";
    /// An encrypted value, or the envelope, cannot be read (ours).
    ES000028 = b"ES000028";
    /// The other side's encryption key is not known (ours).
    ES000029 = b"ES000029";
    /// The same TrxId with other content (ours).
    ES000031 = b"ES000031";
    /// The date in the TrxId is not accepted now (ours).
    ES000032 = b"ES000032";
    /// The receiver did not answer in time.
    ES000033 = b"ES000033";
    /// The identity does not end in a control number of its sender (ours).
    ES000034 = b"ES000034";
    /// System trouble.
    ES000098 = b"ES000098";
    /// Other trouble.
    ES000099 = b"ES000099";
    /// Too many at once.
    PS500001 = b"PS500001";
    /// A bank on the payer's side found no signature block.
    PS500022 = b"PS500022";
    /// A bank on the payer's side could not verify our signature.
    PS500025 = b"PS500025";
    /// The payer's bank could not be reached, or did not answer in time.
    PS500030 = b"PS500030";
    /// The payer's side stayed unknown to the end: presumed failure.
    PS500031 = b"PS500031";
    /// A bank on the payee's side found no signature block.
    RS600022 = b"RS600022";
    /// A bank on the payee's side could not verify our signature.
    RS600025 = b"RS600025";
    /// The payee's bank could not be reached, or did not answer in time.
    RS600030 = b"RS600030";
    /// The payee's side stayed unknown to the end: presumed success.
    RS600031 = b"RS600031";
    /// What was asked for is not supported yet.
    PB040000 = b"PB040000";
    /// The payer's bank timed out inside.
    PB500099 = b"PB500099";
    /// Payer: balance too low.
    PB520011 = b"PB520011";
    /// Payer: account or institution does not fit the agreement, or the bank is not known.
    PB520097 = b"PB520097";
    /// The agreement has ended.
    PB521013 = b"PB521013";
    /// No such agreement.
    PB521014 = b"PB521014";
    /// Over the number of payments per day.
    PB521021 = b"PB521021";
    /// Over the limit per payment.
    PB521023 = b"PB521023";
    /// Over the limit per day.
    PB521024 = b"PB521024";
    /// Query of an order: no such order.
    PB530001 = b"PB530001";
    /// Query of leg 1: no such transaction.
    PB531001 = b"PB531001";
    /// Query of leg 2: no such transaction.
    PB631001 = b"PB631001";
    /// Payee: account or institution not known.
    RB620097 = b"RB620097";
    /// Refund: the original payment is not known.
    RB622021 = b"RB622021";
    /// Refund: more than what is left of the original.
    RB622022 = b"RB622022";
    /// Refund: the original payment is not, or not yet, a success (ours).
    RB622023 = b"RB622023";
    /// Refund: other trouble on the payee's side.
    RB622099 = b"RB622099";
}

impl ReturnCode {
    /// Reads 8 letters and digits.
    ///
    /// # Errors
    /// [`ValueError::Length`] or [`ValueError::NotAlphanumeric`].
    pub fn parse(text: &[u8]) -> Result<Self, ValueError> {
        let bytes: [u8; 8] = text.try_into().map_err(|_| ValueError::Length)?;
        if digits::all_alphanumeric(&bytes) { Ok(Self(bytes)) } else { Err(ValueError::NotAlphanumeric) }
    }

    /// The 8 characters.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// The 8 characters as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether this is `00000000`.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::SUCCESS
    }
}

impl fmt::Display for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ReturnCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnCode({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_code_is_one_and_unlike_the_others() {
        for (index, code) in ReturnCode::NAMED.iter().enumerate() {
            assert_eq!(ReturnCode::parse(code.as_bytes()), Ok(*code));
            assert_eq!(code.to_string().as_bytes(), code.as_bytes());
            assert!(!ReturnCode::NAMED[..index].contains(code), "{code} twice");
            assert_eq!(code.is_success(), index == 0);
        }
        assert_eq!(ReturnCode::parse(b"0000000"), Err(ValueError::Length));
        assert_eq!(ReturnCode::parse(b"ES00-025"), Err(ValueError::NotAlphanumeric));
    }
}
