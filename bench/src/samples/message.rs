//! Messages: files signed elsewhere, and answers composed here.

use bytes::BytesMut;
use clearway::domain::record::{Attachment, RecordKind, Role};
use clearway::domain::{Event, Leg, Party};
use clearway_codec::{
    BatchId, BeijingTime, Checked, Decoder, Direction, Field, Header, InstitutionId, MessageType, SerialNumber, Values,
    append_signature, encode, forward,
};

use crate::error::Error;

/// An agreement payment, signed with ECDSA P-256.
pub const REQUEST_201: &[u8] = include_bytes!("../../samples/pay-201.ecdsa-p256-sha256.msg");
/// The same, signed with RSA-2048.
pub const REQUEST_201_RSA: &[u8] = include_bytes!("../../samples/pay-201.rsa-2048-sha256.msg");
/// A refund, signed with ECDSA P-256.
pub const REFUND_205: &[u8] = include_bytes!("../../samples/refund-205.ecdsa-p256-sha256.msg");
/// A query, signed with ECDSA P-256.
pub const QUERY_301: &[u8] = include_bytes!("../../samples/query-301.ecdsa-p256-sha256.msg");
/// Key that verifies the three P-256 files.
pub const INSTITUTION_KEY_PEM: &str = include_str!("../../samples/institution.ecdsa-p256-sha256.pub.pem");

/// 2026-11-20T10:06:53 in Beijing, in unix seconds.
const SENT_AT_S: u64 = 1_795_140_413;
/// What a DER signature of P-256 is most often long.
const SIGNATURE: [u8; 71] = [0x30; 71];
const TIME: &[u8] = b"2026-11-20T10:06:53";

/// Header of a message that the switch sends.
///
/// # Errors
/// Never: the identifiers are well-formed.
pub fn header(message_type: MessageType, direction: Direction) -> Result<Header, Error> {
    Ok(Header {
        message_type,
        issuer: InstitutionId::parse(b"G4000311000018").map_err(Error::failed("sample header"))?,
        direction,
        sign_sn: SerialNumber::parse(b"4000000001").map_err(Error::failed("sample header"))?,
        sent_at: BeijingTime::from_unix_secs(SENT_AT_S),
    })
}

/// The values of a receipt for `request`: success, and the echo that the wire asks for.
pub fn receipt_values<'a>(request: &Checked<'a>) -> Values<'a> {
    const ECHOED: [Field; 12] = [
        Field::PyerAcctIssrId,
        Field::PyerAcctTp,
        Field::SgnNo,
        Field::PyeeAcctIssrId,
        Field::PyeeAcctTp,
        Field::InstgAcctId,
        Field::InstgAcctNm,
        Field::ResfdAcctIssrId,
        Field::TrxId,
        Field::TrxDtTm,
        Field::TrxAmt,
        Field::TrxCtgy,
    ];
    let mut values = Values::new();
    values.set(Field::SysRtnCd, b"00000000").set_text(Field::SysRtnDesc, "success").set(Field::SysRtnTm, TIME);
    values.set(Field::BizStsCd, b"00000000").set_text(Field::BizStsDesc, "success");
    values.set(Field::TrxStatus, b"00").set(Field::TrxFinishTm, TIME);
    for field in ECHOED {
        if let Some(value) = request.field(field) {
            values.set(field, value);
        }
    }
    values
        .set(Field::BatchId, b"B202611200011")
        .set(Field::DbtrBankId, b"20261120100653000001")
        .set(Field::CdtrBankId, b"20261120100653000002");
    values
}

/// What the switch sets in leg 1 of a payment.
pub fn leg_values(batch: &[u8]) -> Values<'_> {
    let mut values = Values::new();
    values.set(Field::RPFlg, b"1").set(Field::BatchId, batch);
    values
}

/// A receipt for `request` with a signature that verifies nowhere.
///
/// # Errors
/// Never: the values keep to the schema.
pub fn receipt_206(request: &Checked<'_>) -> Result<BytesMut, Error> {
    let mut out = BytesMut::with_capacity(2048);
    let header = header(MessageType::Epcc206, Direction::SWITCH_TO_PI)?;
    encode(&mut out, MessageType::Epcc206, &header, &receipt_values(request))
        .map_err(Error::failed("sample receipt"))?;
    append_signature(&mut out, &SIGNATURE);
    Ok(out)
}

/// The messages of one payment that its three records keep, at the sizes of the wire.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// The institution's 201.
    pub request: Vec<u8>,
    /// A leg's request to a bank.
    pub leg: Vec<u8>,
    /// A bank's answer.
    pub answer: Vec<u8>,
    /// The receipt for the institution.
    pub receipt: Vec<u8>,
}

impl Evidence {
    /// From the sample payment.
    ///
    /// # Errors
    /// Never: the sample keeps to its schema.
    pub fn compose() -> Result<Self, Error> {
        let mut decoder = Decoder::new();
        let message = decoder.decode(REQUEST_201).map_err(Error::failed("sample payment"))?;
        let request = message.check().map_err(Error::failed("sample payment"))?;
        let mut leg = BytesMut::with_capacity(2048);
        let header = header(MessageType::Epcc201, Direction::SWITCH_TO_PAYER_BANK)?;
        let batch = BatchId::at(header.sent_at).to_text();
        forward(&mut leg, &request, &header, &leg_values(&batch));
        append_signature(&mut leg, &SIGNATURE);
        let receipt = receipt_206(&request)?.to_vec();
        Ok(Self { request: REQUEST_201.to_vec(), leg: leg.to_vec(), answer: receipt.clone(), receipt })
    }

    /// What the record of this change keeps: what came, and what is sent because of it. The same two messages for a change of another kind
    /// as for leg 2.
    pub fn attachments(&self, kind: RecordKind, at_us: u64) -> [Attachment<'_>; 2] {
        let keep = |role, party, message| Attachment { role, party, at_us, message };
        match kind {
            RecordKind::Accepted => [
                keep(Role::Request, Party::Institution, &self.request),
                keep(Role::LegRequest, Party::Bank1, &self.leg),
            ],
            RecordKind::Event(Event::LegSucceeded(Leg::One)) => {
                [keep(Role::LegAnswer, Party::Bank1, &self.answer), keep(Role::LegRequest, Party::Bank2, &self.leg)]
            }
            _ => [
                keep(Role::LegAnswer, Party::Bank2, &self.answer),
                keep(Role::Receipt, Party::Institution, &self.receipt),
            ],
        }
    }

    /// Bytes of all messages that one payment leaves in the journal.
    pub fn payment_bytes(&self) -> usize {
        self.request.len() + 2 * self.leg.len() + 2 * self.answer.len() + self.receipt.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway_crypto::{Backends, VerifyJob, VerifyingKey};

    #[test]
    fn composed_messages_keep_to_their_schemas() {
        let evidence = Evidence::compose().unwrap();
        for bytes in [&evidence.request, &evidence.leg, &evidence.answer, &evidence.receipt] {
            let mut decoder = Decoder::new();
            let checked = decoder.decode(bytes).unwrap().check();
            assert!(checked.is_ok(), "{:?}", checked.err());
        }
        assert!((6_000..16_000).contains(&evidence.payment_bytes()), "{}", evidence.payment_bytes());
    }

    #[test]
    fn the_sample_is_signed_by_the_sample_key() {
        let mut decoder = Decoder::new();
        let message = decoder.decode(REQUEST_201).unwrap();
        let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
        let len = clearway_codec::decode_signature(message.signature_text().unwrap(), &mut signature).unwrap();
        let key = VerifyingKey::from_spki_pem(INSTITUTION_KEY_PEM).unwrap();
        assert!(Backends::default().verify(&VerifyJob {
            key: &key,
            message: message.signed_bytes(),
            signature: &signature[..len]
        }));
    }
}
