//! The names of every leaf element. Invariant: one variant per name; a message has each at most
//! once, so a field alone finds a value in it.

/// How many fields the catalogue has.
pub const FIELD_COUNT: usize = Field::ALL.len();

/// The three spellings of an element's name, made at compile time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    /// `TrxId`
    pub(crate) name: &'static str,
    /// `<TrxId>`
    pub(crate) open: &'static str,
    /// `</TrxId>`
    pub(crate) close: &'static str,
}

/// Makes [`Names`] of a literal.
macro_rules! names {
    ($name:expr) => {
        $crate::catalogue::field::Names {
            name: $name,
            open: concat!("<", $name, ">"),
            close: concat!("</", $name, ">"),
        }
    };
}
pub(crate) use names;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A leaf element by its wire name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Field {
            $($(#[$doc])* $name,)*
        }

        impl Field {
            /// Every field, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub(crate) const fn names(self) -> Names {
                match self {
                    $(Self::$name => names!(stringify!($name)),)*
                }
            }
        }
    };
}

fields! {
    /// Header: when this hop's sender sent the message.
    SndDt,
    /// Header: type of the message.
    MsgTp,
    /// Header: who sends on this hop.
    IssrId,
    /// Header: direction of the hop.
    Drctn,
    /// Header: serial number of the signing certificate.
    SignSN,
    /// Header: serial number of the receiver's encryption certificate.
    NcrptnSN,
    /// Header: digital envelope of the sensitive fields.
    DgtlEnvlp,
    /// System return code.
    SysRtnCd,
    /// System return text.
    SysRtnDesc,
    /// When the system answered.
    SysRtnTm,
    /// Business return code.
    BizStsCd,
    /// Business return text.
    BizStsDesc,
    /// Status of the transaction.
    TrxStatus,
    /// When the transaction ended.
    TrxFinishTm,
    /// Payer's account: institution that keeps it.
    PyerAcctIssrId,
    /// Payer's account: number.
    PyerAcctId,
    /// Payer's account: type.
    PyerAcctTp,
    /// Agreement number, issued by the bank.
    SgnNo,
    /// Payer's terminal: type.
    PyerTrxTrmTp,
    /// Payer's terminal: number.
    PyerTrxTrmNo,
    /// Which leg: 1 debit, 2 credit.
    RPFlg,
    /// Payee's account: institution that keeps it.
    PyeeAcctIssrId,
    /// Payee's account: number.
    PyeeAcctId,
    /// Payee's account: name.
    PyeeAcctNm,
    /// Payee's name.
    PyeeNm,
    /// Payee's account: type.
    PyeeAcctTp,
    /// Payee's country.
    PyeeCtryNo,
    /// Payee's area.
    PyeeAreaNo,
    /// Payee's terminal: type.
    PyeeTrxTrmTp,
    /// Payee's terminal: number.
    PyeeTrxTrmNo,
    /// Reserve account: number.
    InstgAcctId,
    /// Reserve account: name.
    InstgAcctNm,
    /// Reserve account: bank that keeps it.
    ResfdAcctIssrId,
    /// Identity of the transaction.
    TrxId,
    /// When the transaction was made, by its sender.
    TrxDtTm,
    /// Amount.
    TrxAmt,
    /// Category of the transaction.
    TrxCtgy,
    /// Kind of business.
    BizTp,
    /// How the account was entered.
    AcctInTp,
    /// Order: number.
    OrdrId,
    /// Order: description.
    OrdrDesc,
    /// Order: time.
    OrdrDtTm,
    /// Order: short name of the platform.
    PltfrmNm,
    /// Clearing batch.
    BatchId,
    /// Device the payer used.
    TrxDevcInf,
    /// Original transaction: category.
    OriTrxCtgy,
    /// Original transaction: identity.
    OriTrxId,
    /// Original transaction: time.
    OriTrxDtTm,
    /// Original transaction: amount.
    OriTrxAmt,
    /// Original transaction: kind of business.
    OriBizTp,
    /// Original transaction: serial of the payer's bank.
    OriDbtrBankId,
    /// Original transaction: system return code.
    OriSysRtnCd,
    /// Original transaction: business return code.
    OriBizStsCd,
    /// Serial of the payer's bank.
    DbtrBankId,
    /// Serial of the payee's bank.
    CdtrBankId,
    /// Institution that probes or answers a probe.
    InstgId,
    /// A number used once.
    Nonce,
}

impl Field {
    /// The element's name, such as `TrxId`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().name
    }
}
