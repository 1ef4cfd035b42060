//! The audit over synthetic journals: records made with the record codec, messages really signed.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::BytesMut;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{BatchId, BeijingTime, Direction, InstitutionId, SerialNumber, TrxId};
use clearway_codec::{Header, Values, append_signature, encode};
use clearway_crypto::{Backends, DigestKey, KeyRing, SignJob, SigningKey, Suite};

use super::*;
use crate::books::Silent;
use crate::config::{
    Config, EnvelopeKeys, KeySource, NodeKeys, NodeSection, Participant, ParticipantKind, Participants,
};
use crate::domain::Business;
use crate::domain::business::KEY_TAG;
use crate::domain::link::LinkNumber;
use crate::domain::record::{Attachment, Record, RecordKind, Role};
use crate::domain::timing::Timing;
use crate::domain::transaction::RefundRequest;
use crate::domain::transaction::{Acceptance, Event, Leg, Outcome, Party, Payment, UnknownCause, refund, transition};
use crate::journal;

const TRX: &str = "2026112089703064790262930770101";
const OTHER_TRX: &str = "2026112089703064790262930770102";
const REFUND_TRX: &str = "2026112089703064790262930770103";
const AGREEMENT: &str = "EPZDA007160747815529392";
const START_US: u64 = 1_795_140_000_000_000;

const NODE: &str = "G4000311000018";
const INSTITUTION: &str = "Z2000133000017";
const BANK1: &str = "C1000111000015";
const BANK2: &str = "C1000211000022";

fn id(text: &str) -> InstitutionId {
    InstitutionId::parse(text.as_bytes()).unwrap()
}

fn trx(text: &str) -> TrxId {
    TrxId::parse(text.as_bytes()).unwrap()
}

/// A signer: id, serial, key.
struct Side {
    id: InstitutionId,
    serial: SerialNumber,
    key: SigningKey,
}

impl Side {
    fn new(name: &str, serial: &[u8; 10]) -> Self {
        Self {
            id: id(name),
            serial: SerialNumber::parse(serial).unwrap(),
            key: SigningKey::generate(Suite::Ed25519).unwrap(),
        }
    }

    /// A signed message of this type with the catalogue's examples as its mandatory values.
    fn message(&self, message_type: MessageType, changes: &[(Field, &'static str)]) -> Vec<u8> {
        let mut values = Values::new();
        message_type.schema().walk(&mut |_, element| {
            if let Some(leaf) = element.leaf().filter(|_| element.is_mandatory()) {
                values.set_text(leaf.field, leaf.example);
            }
        });
        for (field, value) in changes {
            values.set_text(*field, value);
        }
        let sent_at = BeijingTime::from_unix_micros(START_US);
        let header =
            Header { message_type, issuer: self.id, direction: Direction::PI_TO_SWITCH, sign_sn: self.serial, sent_at };
        let mut out = BytesMut::new();
        let signed = encode(&mut out, message_type, &header, &values).unwrap();
        let signature = Backends::default().sign(&SignJob { key: &self.key, message: &out[signed] }).unwrap();
        append_signature(&mut out, signature.as_bytes());
        out.to_vec()
    }
}

/// A journal in memory, and those who sign in it.
struct Fixture {
    node: Side,
    institution: Side,
    bank1: Side,
    bank2: Side,
    now_us: u64,
    next: u64,
    records: Vec<(u64, Vec<u8>)>,
}

impl Fixture {
    fn new() -> Self {
        Self {
            node: Side::new(NODE, b"4000000001"),
            institution: Side::new(INSTITUTION, b"4100000001"),
            bank1: Side::new(BANK1, b"4200000001"),
            bank2: Side::new(BANK2, b"4200000002"),
            now_us: START_US,
            next: 4096,
            records: Vec::new(),
        }
    }

    fn config(&self) -> Config {
        let mut ring = KeyRing::builder();
        for side in [&self.institution, &self.bank1, &self.bank2] {
            ring = ring.add(
                *side.id.as_bytes(),
                *side.serial.as_bytes(),
                side.key.verifying_key().clone(),
                0,
                4_000_000_000,
            );
        }
        let signing = SigningKey::from_pkcs8_pem(&self.node.key.to_pkcs8_pem()).unwrap();
        let keys = NodeKeys {
            signing: Arc::new(signing),
            ring: Arc::new(ring.build().unwrap()),
            retired: Vec::new(),
            envelope: EnvelopeKeys::default(),
            digest: Arc::new(DigestKey::generate().unwrap()),
        };
        let participant =
            |index, name, kind| Participant::new(index, id(name), kind, "http://127.0.0.1:1/".parse().unwrap());
        let participants = vec![
            participant(0, INSTITUTION, ParticipantKind::Institution),
            participant(1, BANK1, ParticipantKind::Bank),
            participant(2, BANK2, ParticipantKind::Bank),
        ];
        let node = NodeSection { id: self.node.id, serial: self.node.serial, workers: 1, pin_cores: Vec::new() };
        Config::new(node, KeySource::Given(keys), Participants::new(participants).unwrap(), PathBuf::from("journal"))
    }

    fn record(
        &mut self,
        kind: RecordKind,
        payment: &Payment,
        original: Option<&Payment>,
        messages: &[(Role, Party, Vec<u8>)],
    ) {
        let attachments: Vec<Attachment<'_>> = messages
            .iter()
            .map(|(role, party, message)| Attachment { role: *role, party: *party, at_us: self.now_us, message })
            .collect();
        let mut bytes = Vec::new();
        Record {
            kind,
            at_us: self.now_us,
            link: if matches!(kind, RecordKind::Event(_)) { LinkNumber::at(0) } else { LinkNumber::NONE },
            payment,
            original,
            images: &[],
            attachments: &attachments,
        }
        .encode(&mut bytes);
        self.records.push((self.next, bytes));
        self.next += 8192;
    }

    fn accept(&mut self, trx_id: &str) -> Payment {
        let acceptance = Acceptance {
            trx_id: trx(trx_id).as_u128(),
            original: 0,
            digest: [7; 16],
            amount_fen: 78_655,
            account: 0,
            unrefundable: false,
            reserves_nothing: false,
            batch: BatchId::at(BeijingTime::from_unix_micros(self.now_us)).as_u32(),
            institution: 0,
            banks: [1, 2],
            ways: [0, 0],
            business: Business::AgreementPayment,
        };
        let (payment, _) = Payment::accept(&acceptance, self.now_us, &Timing::default());
        let request =
            self.institution.message(MessageType::Epcc201, &[(Field::SgnNo, AGREEMENT), (Field::PyeeNm, "演示商户")]);
        let leg = self.node.message(MessageType::Epcc201, &[(Field::SgnNo, AGREEMENT)]);
        self.record(
            RecordKind::Accepted,
            &payment,
            None,
            &[(Role::Request, Party::Institution, request), (Role::LegRequest, Party::Bank1, leg)],
        );
        payment
    }

    fn happen(
        &mut self,
        payment: &Payment,
        event: Event,
        after_us: u64,
        messages: &[(Role, Party, Vec<u8>)],
    ) -> Payment {
        self.now_us += after_us;
        let Outcome::Changed { next, .. } = transition(payment, event, self.now_us, &Timing::default()) else {
            panic!("{event:?} changes nothing");
        };
        self.record(RecordKind::Event(event), &next, None, messages);
        next
    }

    /// The whole life of a payment that goes well.
    fn succeed(&mut self, trx_id: &str) -> Payment {
        let payment = self.accept(trx_id);
        let answer1 = self.bank1.message(MessageType::Epcc206, &[(Field::DbtrBankId, "DEBIT1")]);
        let leg2 = self.node.message(MessageType::Epcc201, &[]);
        let messages = [(Role::LegAnswer, Party::Bank1, answer1), (Role::LegRequest, Party::Bank2, leg2)];
        let payment = self.happen(&payment, Event::LegSucceeded(Leg::One), 1_500, &messages);
        let answer2 = self.bank2.message(MessageType::Epcc206, &[]);
        let receipt = self.node.message(MessageType::Epcc206, &[]);
        let messages = [(Role::LegAnswer, Party::Bank2, answer2), (Role::Receipt, Party::Institution, receipt)];
        self.happen(&payment, Event::LegSucceeded(Leg::Two), 2_250, &messages)
    }

    fn judge(&self) -> SignatureJudge {
        SignatureJudge::new(&self.config()).unwrap()
    }

    fn trace(&self, trx_id: &str, evidence: bool) -> Option<Trace> {
        let config = self.config();
        let mut tracer = Tracer::new(trx(trx_id), evidence, &config.participants, self.judge());
        for (position, record) in &self.records {
            tracer.take(*position, record);
        }
        tracer.finish()
    }

    fn verify(&self, from_birth: bool) -> RecordFindings {
        let mut verifier = Verifier::new(from_birth, Some(self.judge()));
        for (position, record) in &self.records {
            verifier.take(*position, record);
        }
        verifier.finish()
    }
}

#[test]
fn a_payment_is_rebuilt_message_by_message() {
    let mut fixture = Fixture::new();
    fixture.succeed(OTHER_TRX);
    fixture.now_us = START_US;
    fixture.succeed(TRX);
    let trace = fixture.trace(TRX, false).unwrap();
    assert!(trace.good, "{:?}", trace.faults);
    assert_eq!((trace.status.as_str(), trace.is_final, trace.final_after_us), ("00", true, Some(3_750)));
    assert_eq!((trace.amount.as_str(), trace.institution.as_str()), ("CNY786.55", INSTITUTION));
    assert_eq!(trace.banks, [BANK1, BANK2]);
    let steps: Vec<_> =
        trace.steps.iter().map(|step| (step.what.as_str(), step.step, step.elapsed_us, step.messages.len())).collect();
    assert_eq!(
        steps,
        [("accepted", 1, 0, 2), ("leg 1 (debit) succeeded", 2, 1_500, 2), ("leg 2 (credit) succeeded", 3, 2_250, 2)]
    );
    let links: Vec<_> = trace.steps.iter().map(|step| step.link.as_deref()).collect();
    assert_eq!(links, [None, Some("1 (main)"), Some("1 (main)")]);
    let flow: Vec<_> = trace
        .steps
        .iter()
        .flat_map(|step| &step.messages)
        .map(|message| (message.sent, message.role, message.participant.as_str()))
        .collect();
    assert_eq!(
        flow,
        [
            (false, "request", INSTITUTION),
            (true, "leg request", BANK1),
            (false, "leg answer", BANK1),
            (true, "leg request", BANK2),
            (false, "leg answer", BANK2),
            (true, "receipt", INSTITUTION)
        ]
    );
    assert!(trace.steps.iter().flat_map(|step| &step.messages).all(|message| message.signature.is_valid()));
    assert!(trace.steps.windows(2).all(|pair| pair[0].position < pair[1].position));
}

#[test]
fn a_payment_that_is_not_there_has_no_trace() {
    let mut fixture = Fixture::new();
    fixture.succeed(OTHER_TRX);
    assert!(fixture.trace(TRX, false).is_none());
}

#[test]
fn sensitive_values_are_shown_only_as_evidence() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    let outputs = |evidence| {
        let trace = fixture.trace(TRX, evidence).unwrap();
        [trace.to_text(), serde_json::to_string(&trace).unwrap()]
    };
    for output in outputs(false) {
        assert!(!output.contains(AGREEMENT) && !output.contains("演示商户"), "{output}");
        assert!(output.contains("EPZD****9392") && output.contains("演****户") && output.contains(TRX), "{output}");
        assert!(!output.contains("<root"), "no document without evidence");
    }
    for output in outputs(true) {
        assert!(output.contains(AGREEMENT) && output.contains("演示商户") && output.contains("<SgnNo>"), "{output}");
    }
}

#[test]
fn a_changed_message_is_found_out() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    let (_, record) = &mut fixture.records[0];
    let at = record.windows(AGREEMENT.len()).position(|window| window == AGREEMENT.as_bytes()).unwrap();
    record[at + 3] = b'X';
    let trace = fixture.trace(TRX, false).unwrap();
    assert!(!trace.good);
    assert_eq!(trace.faults, ["request at position 4096: signature INVALID"]);
    assert!(trace.to_text().contains("NOT GOOD"));
    let findings = fixture.verify(true);
    assert_eq!((findings.fault_count, findings.signatures.unwrap().wrong), (1, 1));
}

/// Story: a bank's answer with a bad signature leaves the leg unknown. The answer is kept as evidence, and the
/// trace must show it as what it is without calling the journal damaged.
#[test]
fn an_answer_that_was_not_believed_is_no_fault() {
    let mut fixture = Fixture::new();
    let payment = fixture.accept(TRX);
    let forged = fixture.bank2.message(MessageType::Epcc206, &[]);
    let mut forged = String::from_utf8(forged).unwrap().replace(BANK2, BANK1).into_bytes();
    fixture.happen(
        &payment,
        Event::LegUnknown(Leg::One, UnknownCause::ALL[0]),
        900,
        &[(Role::LegAnswer, Party::Bank1, forged.clone())],
    );
    forged.truncate(40);
    let late = fixture.records.len() as u64;
    let latest = crate::domain::record::RecordView::decode(&fixture.records[1].1).unwrap().payment;
    fixture.record(RecordKind::Evidence, &latest, None, &[(Role::LegAnswer, Party::Bank1, forged)]);
    let trace = fixture.trace(TRX, false).unwrap();
    assert!(trace.good, "{:?}", trace.faults);
    let verdicts: Vec<_> =
        trace.steps[1..].iter().flat_map(|step| &step.messages).map(|message| message.signature.to_string()).collect();
    assert!(verdicts[0].starts_with("NO KEY") && verdicts[1].starts_with("UNREADABLE"), "{verdicts:?} {late}");
    let findings = fixture.verify(true);
    assert_eq!(findings.fault_count, 0, "{:?}", findings.faults);
    assert_eq!(findings.signatures, Some(SignatureCounts { valid: 2, disbelieved: 2, wrong: 0 }));
}

#[test]
fn a_refund_shows_in_the_trace_of_its_original() {
    let mut fixture = Fixture::new();
    let original = fixture.succeed(TRX);
    fixture.now_us += 60_000_000;
    let timing = Timing::default();
    let request = RefundRequest { institution: 0, amount_fen: 5_000, original_amount_fen: None };
    let reserved = refund::reserve(Some(&original), &request, fixture.now_us, &timing).unwrap();
    let acceptance = Acceptance {
        trx_id: trx(REFUND_TRX).as_u128(),
        original: original.trx_id,
        digest: [8; 16],
        amount_fen: 5_000,
        account: 0,
        unrefundable: false,
        reserves_nothing: false,
        batch: original.batch,
        institution: 0,
        banks: [2, 1],
        ways: [0, 0],
        business: Business::Refund,
    };
    let (payment, _) = Payment::accept(&acceptance, fixture.now_us, &timing);
    let message = fixture.institution.message(MessageType::Epcc205, &[]);
    fixture.record(RecordKind::Accepted, &payment, Some(&reserved), &[(Role::Request, Party::Institution, message)]);

    let trace = fixture.trace(TRX, false).unwrap();
    assert_eq!(trace.refunded.as_deref(), Some("CNY50.00"));
    let last = trace.steps.last().unwrap();
    assert!(last.what.contains(REFUND_TRX) && last.messages.is_empty() && last.step == 4, "{last:?}");
    let of_refund = fixture.trace(REFUND_TRX, false).unwrap();
    assert_eq!((of_refund.original.as_deref(), of_refund.steps.len()), (Some(TRX), 1));
    assert_eq!(fixture.verify(true).fault_count, 0, "{:?}", fixture.verify(true).faults);
}

/// A dispute, or the step before a signing, goes by the id of another transaction and counts its own steps.
#[test]
fn transactions_of_one_id_are_followed_each_for_itself() {
    let mut fixture = Fixture::new();
    let payment = fixture.succeed(TRX);
    let tagged = Payment { trx_id: payment.trx_id + 2 * KEY_TAG, ..fixture.accept(OTHER_TRX) };
    fixture.records.pop();
    fixture.record(RecordKind::Accepted, &tagged, None, &[]);
    fixture.happen(&payment, Event::ReceiptDelivered, 10, &[]);
    fixture.happen(&tagged, Event::ReceiptLost, 10, &[]);
    let trace = fixture.trace(TRX, false).unwrap();
    assert!(trace.good, "{:?}", trace.faults);
    assert_eq!(trace.steps.iter().map(|step| step.step).collect::<Vec<_>>(), [1, 2, 3, 1, 4, 2]);
    assert_eq!(trace.status, "00", "the id's own transaction stands above");
}

#[test]
fn a_strangers_text_cannot_drive_the_terminal() {
    let mut fixture = Fixture::new();
    let payment = fixture.accept(TRX);
    fixture.happen(
        &payment,
        Event::LegUnknown(Leg::One, UnknownCause::ALL[0]),
        900,
        &[(Role::LegAnswer, Party::Bank1, b"\x1b[2J\xff<html>".to_vec())],
    );
    let text = fixture.trace(TRX, true).unwrap().to_text();
    assert!(
        text.chars().all(|character| character == '\n' || !character.is_control()) && text.contains("[2J"),
        "{text}"
    );
}

#[test]
fn a_good_journal_has_no_faults_and_everything_is_counted() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    fixture.succeed(OTHER_TRX);
    fixture.accept(REFUND_TRX);
    let findings = fixture.verify(true);
    assert_eq!(
        (findings.records, findings.messages, findings.payments, findings.fault_count),
        (7, 14, 3, 0),
        "{:?}",
        findings.faults
    );
    assert_eq!(findings.payments_by_status, [("00", 2), ("01", 0), ("02", 1), ("03", 0), ("04", 0)]);
    assert_eq!(findings.signatures, Some(SignatureCounts { valid: 14, disbelieved: 0, wrong: 0 }));
    let mut quiet = Verifier::new(true, None);
    quiet.take(0, &fixture.records[0].1);
    assert_eq!(quiet.finish().signatures, None);
}

#[test]
fn each_break_of_continuity_is_named() {
    let whole = || {
        let mut fixture = Fixture::new();
        fixture.succeed(TRX);
        fixture
    };
    let faults = |fixture: &Fixture, from_birth| {
        let findings = fixture.verify(from_birth);
        assert_eq!(findings.fault_count, findings.faults.len() as u64);
        findings.faults.join("; ")
    };

    let mut missing = whole();
    missing.records.remove(1);
    assert!(faults(&missing, true).contains("goes from step 1 to step 3"));
    assert_eq!(missing.trace(TRX, false).unwrap().faults.len(), 1);

    let mut headless = whole();
    headless.records.remove(0);
    assert!(faults(&headless, true).contains("begins with step 2"));
    assert!(headless.trace(TRX, false).unwrap().faults[0].contains("no longer in the journal"));
    assert_eq!(faults(&headless, false), "", "older records may be retired");

    let mut twice = whole();
    let again = twice.records[0].clone();
    twice.records.push(again);
    assert!(faults(&twice, true).contains("accepted a second time"));

    let mut undone = whole();
    let mut changed = crate::domain::record::RecordView::decode(&undone.records[2].1).unwrap().payment;
    changed.step += 1;
    changed.status = clearway_codec::value::TrxStatus::Failure;
    undone.record(RecordKind::Event(Event::ReceiptDelivered), &changed, None, &[]);
    assert!(faults(&undone, true).contains("changes its final status from 00 to 01"));

    let mut silent = whole();
    let mut changed = crate::domain::record::RecordView::decode(&silent.records[2].1).unwrap().payment;
    changed.notices += 1;
    silent.record(RecordKind::Evidence, &changed, None, &[]);
    assert!(faults(&silent, true).contains("changes without a new step"));

    let mut garbled = whole();
    garbled.records[1].1.truncate(30);
    assert!(faults(&garbled, true).contains("record at position 12288"));
}

#[test]
fn faults_beyond_the_limit_are_counted_and_not_told() {
    let fixture = Fixture::new();
    let mut verifier = Verifier::new(true, Some(fixture.judge()));
    for position in 0..1_000 {
        verifier.take(position, b"no record");
    }
    let findings = verifier.finish();
    assert_eq!((findings.fault_count, findings.faults.len()), (1_000, 100));
}

/// The same records in a real journal.
fn on_disk(fixture: &Fixture, dir: &std::path::Path) -> Config {
    let mut options = journal::Options::new(dir);
    options.driver = journal::DriverChoice::Pwrite;
    options.segment_bytes = 4 << 20;
    options.reserve_bytes = 1 << 20;
    let (journal, _) = journal::Journal::open(options).unwrap();
    for (_, record) in &fixture.records {
        journal.append(journal::Work::New, &[record]).unwrap();
        journal.flush().unwrap();
    }
    journal.shutdown();
    let mut config = fixture.config();
    config.journal.dir = dir.to_owned();
    config
}

#[test]
fn a_journal_on_disk_is_traced_verified_and_listed() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    fixture.succeed(OTHER_TRX);
    let dir = tempfile::tempdir().unwrap();
    let config = on_disk(&fixture, dir.path());

    let found = trace(&config, trx(TRX), false, &Silent).unwrap().unwrap();
    assert!(found.good && found.steps.len() == 3, "{:?}", found.faults);
    assert!(trace(&config, trx(REFUND_TRX), false, &Silent).unwrap().is_none());

    let verification = verify(dir.path(), Some(SignatureJudge::new(&config).unwrap()), &Silent).unwrap();
    assert!(verification.good && verification.journal.verdict == "sound", "{}", verification.to_text());
    assert_eq!((verification.records.payments, verification.records.signatures.unwrap().valid), (2, 12));
    assert!(verification.to_text().ends_with("good\n"));

    let inspection = inspect(dir.path(), &Silent).unwrap();
    assert_eq!((inspection.kinds["accepted"], inspection.kinds["leg-succeeded"], inspection.tail.len()), (2, 4, 6));
    let text = inspection.to_text();
    assert!(text.contains("segments are  sound") && text.contains(TRX) && text.contains("seals"), "{text}");
    assert_eq!(inspection.journal.records, 6);
}

#[test]
fn damage_before_acknowledged_records_is_not_good() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    let dir = tempfile::tempdir().unwrap();
    let config = on_disk(&fixture, dir.path());
    let segment = inspect(dir.path(), &Silent).unwrap().segments[0].file.clone();
    let path = dir.path().join(segment);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(AGREEMENT.len()).position(|window| window == AGREEMENT.as_bytes()).unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let verification = verify(dir.path(), None, &Silent).unwrap();
    assert!(!verification.good && verification.journal.verdict == "damaged", "{}", verification.to_text());
    assert!(inspect(dir.path(), &Silent).unwrap().to_text().contains("DAMAGED"));
    assert!(trace(&config, trx(TRX), false, &Silent).unwrap().is_none_or(|found| !found.good));
}

#[test]
fn a_folder_without_a_journal_is_an_error_that_says_so() {
    let dir = tempfile::tempdir().unwrap();
    for missing in [dir.path().to_owned(), dir.path().join("none")] {
        let error = verify(&missing, None, &Silent).unwrap_err().to_string();
        assert!(error.contains(&missing.display().to_string()), "{error}");
    }
}

/// Story: an operator traces a payment while the node runs. The last groups are read while they are being written; what
/// is read last may prove durable what was read before it was written, which looks like a hole and is none.
#[test]
fn a_journal_that_is_being_written_is_not_called_damaged() {
    let mut fixture = Fixture::new();
    fixture.succeed(TRX);
    let dir = tempfile::tempdir().unwrap();
    let mut options = journal::Options::new(dir.path());
    options.segment_bytes = 4 << 20;
    options.reserve_bytes = 1 << 20;
    options.group_bytes_max = 256 << 10;
    options.groups_in_flight_max = 4;
    let (journal, _) = journal::Journal::open(options).unwrap();
    let record = fixture.records[0].1.as_slice();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..400 {
                let _ = journal.append(journal::Work::New, &[record]);
                journal.kick();
                if journal.status().lag_groups > 3 {
                    journal.flush().unwrap();
                }
            }
        });
        while !writer.is_finished() {
            let inspection = inspect(dir.path(), &Silent).unwrap();
            assert_ne!(inspection.journal.verdict, "damaged", "{:?}", inspection.journal);
        }
    });
    journal.shutdown();
    assert_eq!(inspect(dir.path(), &Silent).unwrap().journal.verdict, "sound");
}

/// Story: two workers write in their own order; what is exported is in the order of time, from the first arrival on, and
/// names nobody.
#[test]
fn arrivals_are_times_and_businesses_in_their_order() {
    let mut fixture = Fixture::new();
    fixture.now_us = START_US + 2_000;
    fixture.succeed(OTHER_TRX);
    fixture.now_us = START_US;
    fixture.succeed(TRX);
    let export = |from_us, until_us| {
        let mut found = Arrivals::default();
        fixture.records.iter().for_each(|(_, record)| found.take(record, from_us, until_us));
        found.take(b"no record", 0, u64::MAX);
        let mut text = Vec::new();
        found.in_order().write(&mut text).unwrap();
        String::from_utf8(text).unwrap()
    };
    assert_eq!(export(0, u64::MAX), "offset_us,kind\n0,payment\n2000,payment\n");
    assert_eq!(export(START_US + 1, u64::MAX), "offset_us,kind\n0,payment\n");
    assert_eq!(export(0, START_US), "offset_us,kind\n");
}
