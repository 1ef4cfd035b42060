//! What the switch says in `SysRtnDesc` and `BizStsDesc`.
//!
//! A sender acts on the code; the text is for the person who reads the log. Unknown codes (a bank's own) get a text
//! that says whose they are.

use clearway_codec::value::ReturnCode;

/// The description of a return code, at most 128 characters (wire.md 3.1).
pub(crate) fn describe(code: ReturnCode) -> &'static str {
    match code {
        ReturnCode::SUCCESS => "success",
        ReturnCode::ES000010 => "a mandatory element is missing",
        ReturnCode::ES000011 => "a value is too long",
        ReturnCode::ES000012 => "a value does not have its form",
        ReturnCode::ES000013 => "an element is out of order, repeated, or has markup in its value",
        ReturnCode::ES000014 => "this message type is not served here",
        ReturnCode::ES000015 => "the direction does not fit the sender",
        ReturnCode::ES000021 => "the signer or its key serial is not known",
        ReturnCode::ES000022 => "the signature block is missing",
        ReturnCode::ES000023 => "the signing key is not yet, or no longer, valid",
        ReturnCode::ES000024 => "the signing key, or the message, belongs to another participant",
        ReturnCode::ES000025 => "the request's signature does not verify",
        ReturnCode::ES000027 => "the envelope is missing, or for a key that is not known here",
        ReturnCode::ES000028 => "an encrypted value or its envelope cannot be read",
        ReturnCode::ES000029 => "the other side's encryption key is not known here",
        ReturnCode::ES000031 => "this TrxId was used with other content",
        ReturnCode::ES000032 => "the date in the TrxId is not accepted now",
        ReturnCode::ES000033 => "in process; ask again with 301",
        ReturnCode::ES000098 => "system trouble",
        ReturnCode::ES000099 => "other trouble",
        ReturnCode::PS500001 => "too many at once; try later",
        ReturnCode::PS500030 => "the debit side could not be reached or did not answer in time",
        ReturnCode::PS500031 => "the debit side stayed unknown: presumed failure",
        ReturnCode::RS600030 => "the credit side could not be reached or did not answer in time",
        ReturnCode::RS600031 => "the credit side stayed unknown: presumed success",
        ReturnCode::PB520097 => "the debit bank is not known here",
        ReturnCode::PB531001 | ReturnCode::PB631001 => "no such transaction",
        ReturnCode::RB620097 => "the reserve bank or the credit bank is not known here",
        ReturnCode::RB622021 => "the original payment is not known",
        ReturnCode::RB622023 => "the original payment is not, or not yet, a success",
        ReturnCode::RB622099 => "the refund cannot be done",
        ReturnCode::RB622022 => "more than is left of the original payment",
        code => describe_routing(*code.as_bytes()),
    }
}

/// Codes of limits and routes.
const fn describe_routing(code: [u8; 8]) -> &'static str {
    match &code {
        b"PB040000" => "no way to the bank can do this",
        b"PB520096" => "the customer is served on the institution's direct channel, which this node does not have",
        b"RB622026" => "a payment of the direct channel: the refund is kept for a transfer",
        _ => "see the code; it is the participant's own",
    }
}
