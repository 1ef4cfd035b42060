//! What the mini switch writes.

use bytes::{Bytes, BytesMut};
use clearway_codec::{
    BatchId, BeijingTime, Checked, Decoder, Direction, Field, Header, MessageType, ReturnCode, TrxId, TrxStatus,
    Values, append_signature, encode, forward,
};
use clearway_crypto::{Backends, SignJob, SigningKey};
use clearway_loadgen::config::Node;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

pub struct Scribe {
    node: Node,
    key: SigningKey,
    backends: Backends,
}

fn now() -> BeijingTime {
    BeijingTime::from_unix_secs(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs())
}

impl Scribe {
    pub fn new(node: Node, key: SigningKey) -> Self {
        Self { node, key, backends: Backends::default() }
    }

    fn header(&self, message_type: MessageType, direction: Direction) -> Header {
        Header { message_type, issuer: self.node.id, direction, sign_sn: self.node.serial, sent_at: now() }
    }

    fn seal(&self, mut bytes: BytesMut, signed: Range<usize>) -> Bytes {
        let signature = self.backends.sign(&SignJob { key: &self.key, message: &bytes[signed] }).unwrap();
        append_signature(&mut bytes, signature.as_bytes());
        bytes.freeze()
    }

    fn write(&self, message_type: MessageType, direction: Direction, values: &Values<'_>) -> Bytes {
        let mut bytes = BytesMut::with_capacity(2_560);
        let signed = encode(&mut bytes, message_type, &self.header(message_type, direction), values).unwrap();
        self.seal(bytes, signed)
    }

    /// A leg: the institution's body with the header of this hop.
    pub fn leg(&self, request: &Bytes, leg: u8) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let mut bytes = BytesMut::with_capacity(2_560);
        let header = self.header(message.message_type(), direction_to(leg));
        let (flag, batch) = ([b'0' + leg], BatchId::at(now()).to_text());
        let mut values = Values::new();
        values.set(Field::RPFlg, &flag).set(Field::BatchId, &batch);
        let signed = forward(&mut bytes, &message, &header, &values);
        self.seal(bytes, signed)
    }

    pub fn query(&self, request: &Bytes, leg: u8) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let flag = [b'0' + leg];
        let mut values = Values::new();
        values.set(Field::OriTrxCtgy, message.field(Field::TrxCtgy).unwrap());
        values.set(Field::OriTrxId, message.field(Field::TrxId).unwrap());
        values.set(Field::OriTrxDtTm, message.field(Field::TrxDtTm).unwrap());
        values.set(Field::RPFlg, &flag);
        self.write(MessageType::Epcc301, direction_to(leg), &values)
    }

    pub fn notice(&self, request: &Bytes, id: TrxId, leg: u8, status: TrxStatus) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let id = id.to_text();
        let mut values = Values::new();
        values.set(Field::OriTrxCtgy, message.field(Field::TrxCtgy).unwrap());
        values.set(Field::OriTrxId, &id);
        values.set(Field::OriTrxDtTm, message.field(Field::TrxDtTm).unwrap());
        values.set(Field::TrxStatus, status.as_bytes());
        self.write(MessageType::Epcc207, direction_to(leg), &values)
    }

    pub fn receipt(&self, request: &Bytes, status: TrxStatus) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let time = now().to_text();
        let mut values = system(&time, ReturnCode::SUCCESS);
        values.set(Field::TrxStatus, status.as_bytes());
        values.set(Field::TrxId, message.field(Field::TrxId).unwrap());
        values.set(Field::DbtrBankId, b"90130769580171550918");
        self.write(MessageType::Epcc206, Direction::SWITCH_TO_PI, &values)
    }

    /// 302; without a status there is no such transaction.
    pub fn reply(&self, query: &Checked<'_>, status: Option<TrxStatus>) -> Bytes {
        let time = now().to_text();
        let mut values = system(&time, ReturnCode::SUCCESS);
        for field in [Field::OriTrxCtgy, Field::OriTrxId, Field::OriTrxDtTm] {
            values.set(field, query.field(field).unwrap());
        }
        match &status {
            Some(status) => values.set(Field::TrxStatus, status.as_bytes()),
            None => values.set(Field::OriBizStsCd, ReturnCode::PB531001.as_bytes()),
        };
        self.write(MessageType::Epcc302, Direction::SWITCH_TO_PI, &values)
    }

    pub fn refusal(&self, code: ReturnCode) -> Bytes {
        let time = now().to_text();
        self.write(MessageType::Epcc303, Direction::SWITCH_TO_PI, &system(&time, code))
    }
}

fn system(time: &[u8; 19], code: ReturnCode) -> Values<'_> {
    let mut values = Values::new();
    let code = ReturnCode::NAMED.iter().find(|named| **named == code).unwrap();
    values.set(Field::SysRtnCd, code.as_bytes()).set_text(Field::SysRtnDesc, "test").set(Field::SysRtnTm, time);
    values
}

fn direction_to(leg: u8) -> Direction {
    match leg {
        0 => Direction::SWITCH_TO_PI,
        1 => Direction::SWITCH_TO_PAYER_BANK,
        _ => Direction::SWITCH_TO_PAYEE_BANK,
    }
}
