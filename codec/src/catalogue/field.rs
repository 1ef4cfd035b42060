//! The names of every leaf element. Invariant: one variant per name; a message has each at most
//! once (repeated ones in a row), so a field alone finds a value in it.

use super::message_type::MessageType;

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
    /// The payment institution; in probes and control numbers, who asks or answers.
    InstgId,
    /// A number used once.
    Nonce,
    /// Signer's account: bank that keeps it.
    SgnAcctIssrId,
    /// Signer's account: type.
    SgnAcctTp,
    /// Signer's account: number.
    SgnAcctId,
    /// Signer's account: name.
    SgnAcctNm,
    /// Signer's account: level, I to III.
    SgnAcctLvl,
    /// Signer's account: its last digits.
    SgnAcctShrtId,
    /// Type of the signer's or payer's document of identity.
    IDTp,
    /// Number of that document.
    IDNo,
    /// Mobile number that the bank knows.
    MobNo,
    /// The code that the bank has sent by SMS.
    AuthMsg,
    /// Signer's payment account at the institution.
    InstgAcct,
    /// Why an agreement or a mandate ends.
    RescindRsn,
    /// Legal representative: name.
    LglRepNm,
    /// Legal representative: type of the document of identity.
    LglRepIDTp,
    /// Legal representative: number of that document.
    LglRepIDNo,
    /// How a mandate is set up: 01 on the bank's page, 02 offline.
    EstblMd,
    /// Mandate: number of the merchant that is paid.
    PyeeMrchntNo,
    /// Mandate: name of the merchant that is paid.
    PyeeMrchntNm,
    /// Mandate: number of the authorisation.
    EntrstAuthNo,
    /// Mandate: largest amount of one payment.
    EntrstAmtLmt,
    /// Mandate: valid from.
    EntrstStrDtTm,
    /// Mandate: valid until.
    EntrstEndDtTm,
    /// Mandate: unit of the period.
    EntrstDtUnt,
    /// Mandate: units in a period.
    EntrstDtStp,
    /// Mandate: the period in words.
    EntrstDtDsc,
    /// Mandate: payments in a period.
    EntrstFrqcy,
    /// Where the customer's browser goes back to.
    ClbckUrl,
    /// The bank's page for the customer.
    PgUrl,
    /// Payer's bank account: bank that keeps it.
    PyerBkId,
    /// Payer's bank account: number.
    PyerBkNo,
    /// Payer's bank account: name.
    PyerBkNm,
    /// Payer's payment account: number.
    PyerAcctNo,
    /// Payer's account: name.
    PyerAcctNm,
    /// Paying merchant: number.
    PyerMrchntNo,
    /// Paying merchant: name.
    PyerMrchntNm,
    /// Paying merchant: short name.
    PyerMrchntShrtNm,
    /// Payee's bank account: bank that keeps it.
    PyeeBkId,
    /// Payee's bank account: number.
    PyeeBkNo,
    /// Payee's bank account: name.
    PyeeBkNm,
    /// Payee's agreement number.
    PyeeSgnNo,
    /// Payee's account number, encrypted.
    PyeeAcctNo,
    /// Summary of the payment for statements.
    TrxSmmry,
    /// Purpose of the payment.
    TrxPrps,
    /// Terminal of the transaction: type.
    TrxTrmTp,
    /// Terminal of the transaction: number.
    TrxTrmNo,
    /// Who may pay: a person or a company.
    CBFlg,
    /// Types of account that may pay.
    LmtAcctTpCd,
    /// Order: valid until.
    OrdrExp,
    /// Channel of a gateway payment: 01 PC, 02 H5.
    GwChnnlTp,
    /// Details: participant that began the transaction.
    SrcInstgId,
    /// Details: participant at its other end.
    SinkInstgId,
    /// Dispute: its batch.
    DsptBatchId,
    /// Dispute: what is asked for.
    DsptTp,
    /// Dispute: amount.
    DsptAmt,
    /// Dispute: reason.
    DsptRsn,
    /// Dispute: result.
    DsptRslt,
    /// A control number, the end of a transaction's identity.
    CtrlNbF,
}

impl Field {
    /// The element's name, such as `TrxId`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.names().name
    }

    /// Whether messages of this type carry the field encrypted. The same field may be clear in
    /// messages of another type.
    #[must_use]
    pub fn is_encrypted_in(self, message_type: MessageType) -> bool {
        message_type.schema().encrypted_fields().contains(&self)
    }
}
