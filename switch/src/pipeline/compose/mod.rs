//! Forward and reply: every message that the switch itself writes, one function each; answers that concern no change are in `answer`.
//!
//! Pure: a checked request, an after-image and the hour in; bytes out. What is written follows the catalogue's order
//! and wire.md 3.14 (`SndDt` of now, the institution's body byte for byte in a leg). Called while a burst is drafted.

mod answer;

pub(crate) use answer::{OrderAnswer, Parties};

use std::ops::Range;

use bytes::BytesMut;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{BatchId, BeijingTime, Direction, InstitutionId, ReturnCode, SerialNumber, TrxStatus};
use clearway_codec::{Checked, Header, Values, encode, forward, schema};

use super::wording::describe;
use crate::domain::agreement::SgnNo;
use crate::domain::business::BusinessRules;
use crate::domain::transaction::{Leg, Party, Payment, system_code};
use crate::sensitive::Sealed;

type Written = Result<Range<usize>, clearway_codec::Error>;

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    pub(crate) issuer: InstitutionId,
    pub(crate) serial: SerialNumber,
    pub(crate) now: BeijingTime,
}

/// What the receipt or the answer to a query says of a payment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict {
    /// System level: success, or why there is no clear outcome.
    pub(crate) system: ReturnCode,
    /// Business level.
    pub(crate) business: ReturnCode,
    pub(crate) status: TrxStatus,
}

impl Verdict {
    /// What is known of a payment now.
    pub(crate) fn of(payment: &Payment) -> Self {
        let status = payment.status;
        let business = if status == TrxStatus::InProcess {
            ReturnCode::ES000033
        } else {
            ReturnCode::parse(&payment.code).unwrap_or(ReturnCode::ES000099)
        };
        Self { system: system_code(status), business, status }
    }
}

/// A receipt, and all that it can say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receipt<'a> {
    pub(crate) row: &'static BusinessRules,
    pub(crate) request: &'a Checked<'a>,
    /// The answer to leg 1, where the receipt repeats elements of it.
    pub(crate) answer: Option<Checked<'a>>,
    pub(crate) verdict: Verdict,
    pub(crate) batch: Option<BatchId>,
    /// The banks' serials.
    pub(crate) serials: [Option<&'a [u8]>; 2],
    /// To whom.
    pub(crate) direction: Direction,
    /// Sensitive values, sealed for that one.
    pub(crate) sealed: Option<&'a Sealed>,
}

/// A request on its way to the counterpart of a leg.
#[derive(Clone, Debug)]
pub(crate) struct Forwarded<'a> {
    pub(crate) request: &'a Checked<'a>,
    pub(crate) batch: BatchId,
    pub(crate) leg: Leg,
    pub(crate) direction: Direction,
    /// The number that stands for the old one which the request names.
    pub(crate) number: Option<SgnNo>,
    /// Sensitive values, sealed for that counterpart.
    pub(crate) sealed: Option<Sealed>,
}

impl Writer {
    fn header(&self, message_type: MessageType, direction: Direction) -> Header {
        Header { message_type, issuer: self.issuer, direction, sign_sn: self.serial, sent_at: self.now }
    }

    /// One leg: the initiator's body, with `RPFlg` and `BatchId` filled and our header.
    pub(crate) fn leg(&self, out: &mut BytesMut, forwarded: &Forwarded<'_>) -> Written {
        let Forwarded { request, batch, leg, direction, number, sealed } = forwarded;
        let header = self.header(request.message_type(), *direction);
        let (flag, batch) = ([rp_flg(*leg)], batch.to_text());
        let mut values = Values::new();
        values.set(Field::RPFlg, &flag).set(Field::BatchId, &batch);
        if let Some(number) = number {
            values.set_text(Field::SgnNo, number.as_str());
        }
        if let Some(sealed) = sealed {
            sealed.set_into(&mut values);
        }
        Ok(forward(out, request, &header, &values))
    }

    /// 301: asks the bank of `leg` what came of it.
    pub(crate) fn query(&self, out: &mut BytesMut, request: &Checked<'_>, leg: Leg, direction: Direction) -> Written {
        let mut values = original(request);
        let flag = [rp_flg(leg)];
        values.set(Field::RPFlg, &flag);
        encode(out, MessageType::Epcc301, &self.header(MessageType::Epcc301, direction), &values)
    }

    /// The receipt for the initiator: what it asked for, echoed, and what came of it.
    pub(crate) fn receipt(&self, out: &mut BytesMut, receipt: &Receipt<'_>) -> Written {
        let time = self.now.to_text();
        let mut values = Values::new();
        let Receipt { row, request, verdict, .. } = receipt;
        let system_code = if row.receipt == MessageType::Epcc303 { &verdict.business } else { &verdict.system };
        system(&mut values, system_code, &time);
        business(&mut values, verdict, &time);
        let encrypted = schema(row.receipt).encrypted_fields();
        for field in row.echoed.iter().filter(|field| !encrypted.contains(field)) {
            if let Some(value) = request.field(*field).or_else(|| receipt.answer.as_ref()?.field(*field)) {
                values.set(*field, value);
            }
        }
        if let Some(sealed) = receipt.sealed {
            sealed.set_into(&mut values);
        }
        let batch = receipt.batch.map(|batch| batch.to_text());
        if let Some(batch) = &batch {
            values.set(Field::BatchId, batch);
        }
        set_serials(&mut values, receipt.serials);
        encode(out, row.receipt, &self.header(row.receipt, receipt.direction), &values)
    }

    /// The final state, for a party that has not seen it: 207, or what the row says instead.
    pub(crate) fn notice(&self, out: &mut BytesMut, receipt: &Receipt<'_>, payment: &Payment, party: Party) -> Written {
        match receipt.row.notice_to(party) {
            MessageType::Epcc207 => self.terminal_notice(out, receipt, payment),
            told if told == receipt.row.request => {
                let forwarded = Forwarded {
                    request: receipt.request,
                    batch: receipt.batch.unwrap_or_else(|| BatchId::at(self.now)),
                    leg: Leg::One,
                    direction: receipt.direction,
                    number: None,
                    sealed: receipt.sealed.cloned(),
                };
                self.leg(out, &forwarded)
            }
            _ => self.receipt(out, receipt),
        }
    }

    /// 207.
    fn terminal_notice(&self, out: &mut BytesMut, receipt: &Receipt<'_>, payment: &Payment) -> Written {
        let direction = receipt.direction;
        let time = BeijingTime::from_unix_micros(payment.finished_at_us).to_text();
        let batch = receipt.batch.map(BatchId::to_text);
        let mut values = original(receipt.request);
        if let Some(batch) = &batch {
            values.set(Field::BatchId, batch);
        }
        business(&mut values, &receipt.verdict, &time);
        set_serials(&mut values, receipt.serials);
        encode(out, MessageType::Epcc207, &self.header(MessageType::Epcc207, direction), &values)
    }
}

fn system<'a>(values: &mut Values<'a>, code: &'a ReturnCode, time: &'a [u8]) {
    values.set(Field::SysRtnCd, code.as_bytes());
    values.set_text(Field::SysRtnDesc, describe(*code));
    values.set(Field::SysRtnTm, time);
}

fn business<'a>(values: &mut Values<'a>, verdict: &'a Verdict, time: &'a [u8]) {
    values.set(Field::BizStsCd, verdict.business.as_bytes());
    values.set_text(Field::BizStsDesc, describe(verdict.business));
    values.set(Field::TrxStatus, verdict.status.code().as_bytes());
    values.set(Field::TrxFinishTm, time);
}

/// `OriTrxInf` of a query or a notice about `request`, which may be about another transaction itself.
fn original<'a>(request: &Checked<'a>) -> Values<'a> {
    let mut values = Values::new();
    for (from, to) in
        [(Field::TrxCtgy, Field::OriTrxCtgy), (Field::TrxId, Field::OriTrxId), (Field::TrxDtTm, Field::OriTrxDtTm)]
    {
        if let Some(value) = request.field(from).or_else(|| request.field(to)) {
            values.set(to, value);
        }
    }
    values
}

fn set_serials<'a>(values: &mut Values<'a>, serials: [Option<&'a [u8]>; 2]) {
    for (field, serial) in [Field::DbtrBankId, Field::CdtrBankId].into_iter().zip(serials) {
        if let Some(serial) = serial {
            values.set(field, serial);
        }
    }
}

const fn rp_flg(leg: Leg) -> u8 {
    match leg {
        Leg::One => b'1',
        Leg::Two => b'2',
    }
}
