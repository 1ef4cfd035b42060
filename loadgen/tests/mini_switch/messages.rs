//! What the mini switch writes.

use bytes::{Bytes, BytesMut};
use clearway_codec::{
    BatchId, BeijingTime, Checked, Decoder, Direction, Field, Header, MessageType, ReturnCode, TrxId, TrxStatus,
    Values, append_signature, encode, forward,
};
use clearway_crypto::{Backends, SignJob, SigningKey};
use clearway_loadgen::business::BusinessRow;
use clearway_loadgen::config::{EnvelopeKeys, Node, OpenedValues};
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

/// How a transaction stands, as it is told.
#[derive(Debug, Clone)]
pub struct End {
    pub status: TrxStatus,
    pub code: ReturnCode,
    /// Number of what was opened.
    pub number: Option<Vec<u8>>,
}

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

    /// A leg: the body as it came with the header of this hop, sensitive values sealed for the receiver.
    pub fn leg(&self, request: &Bytes, leg: u8, keys: Option<&EnvelopeKeys>) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let mut bytes = BytesMut::with_capacity(2_560);
        let header = self.header(message.message_type(), direction_to(leg));
        let (flag, batch) = ([b'0' + leg], BatchId::at(now()).to_text());
        let mut values = Values::new();
        let sealed = keys.and_then(|keys| {
            let opened = keys.open(&message).unwrap();
            (opened != OpenedValues::default()).then(|| keys.seal(&opened.to_clear()).unwrap())
        });
        if let Some(sealed) = &sealed {
            sealed.set_into(&mut values);
        }
        if leg != 0 {
            values.set(Field::RPFlg, &flag).set(Field::BatchId, &batch);
        }
        let signed = forward(&mut bytes, &message, &header, &values);
        self.seal(bytes, signed)
    }

    /// 991 with this nonce.
    pub fn probe(&self, nonce: &[u8]) -> Bytes {
        let mut values = Values::new();
        values.set(Field::InstgId, self.node.id.as_bytes()).set(Field::Nonce, nonce);
        self.write(MessageType::Epcc991, Direction::SWITCH_TO_PAYER_BANK, &values)
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

    /// The receipt of a request, with the number of what was opened.
    pub fn receipt(&self, request: &Bytes, row: &BusinessRow, end: &End) -> Bytes {
        let mut decoder = Decoder::new();
        let message = decoder.decode(request).unwrap().check().unwrap();
        let time = now().to_text();
        let mut values = system(&time, ReturnCode::SUCCESS);
        values.set(Field::TrxStatus, end.status.as_bytes());
        values.set(Field::BizStsCd, end.code.as_bytes());
        values.set(Field::BizStsDesc, b"test");
        for field in [Field::TrxId, Field::TrxDtTm, Field::TrxCtgy, Field::InstgId] {
            if let Some(value) = message.field(field) {
                values.set(field, value);
            }
        }
        if let Some(number) = &end.number {
            values.set(Field::SgnNo, number);
        }
        values.set(Field::DbtrBankId, b"90130769580171550918");
        let to_bank = !row.is_of_institution();
        let direction = if to_bank { Direction::SWITCH_TO_PAYER_BANK } else { Direction::SWITCH_TO_PI };
        self.write(row.receipt, direction, &values)
    }

    /// 302, 306, 314, 318; without an end there is no such transaction.
    pub fn reply(&self, answer: MessageType, query: &Checked<'_>, id: TrxId, end: Option<&End>) -> Bytes {
        let (time, id) = (now().to_text(), id.to_text());
        let mut values = system(&time, ReturnCode::SUCCESS);
        values.set(Field::OriTrxId, &id).set(Field::OriTrxDtTm, &time).set(Field::OriTrxCtgy, b"0110");
        for field in [Field::OriTrxCtgy, Field::OriTrxDtTm, Field::OrdrId] {
            if let Some(value) = query.field(field) {
                values.set(field, value);
            }
        }
        match end {
            Some(end) => {
                values.set(Field::OriBizStsCd, end.code.as_bytes()).set(Field::TrxStatus, end.status.as_bytes());
                values.set(Field::OriSysRtnCd, ReturnCode::SUCCESS.as_bytes());
                if let Some(number) = &end.number {
                    values.set(Field::SgnNo, number);
                }
            }
            None => {
                values.set(Field::OriBizStsCd, ReturnCode::PB531001.as_bytes());
            }
        }
        self.write(answer, Direction::SWITCH_TO_PI, &values)
    }

    /// 402.
    pub fn numbers(&self, institution: &[u8]) -> Bytes {
        let time = now().to_text();
        let mut values = system(&time, ReturnCode::SUCCESS);
        values.set(Field::InstgId, institution).set_items(Field::CtrlNbF, &[b"770101", b"770102"]);
        self.write(MessageType::Epcc402, Direction::SWITCH_TO_PI, &values)
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
