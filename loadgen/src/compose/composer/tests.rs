//! What is composed is what the wire expects, signed, and repeats for its seed.

use super::*;
use crate::compose::ACCOUNT_PREFIX;
use crate::config::{Bank, Identity, Institution, LinkAddress, Node};
use crate::config::{EnvelopeKeys, NodeEnvelope};
use crate::history::{Contract, SerialText};
use crate::sgn_no::SgnNo;
use crate::wire::Reader;
use clearway_codec::{Field, InstitutionId, SerialNumber};
use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
use clearway_crypto::{SigningKey, Suite, VerifyJob};

/// At once, and as the mix draws it.
const DUE: Due = Due { at_ns: 0, kind: None };

fn serial_number(number: usize) -> SerialNumber {
    SerialNumber::parse(format!("{number:010}").as_bytes()).unwrap()
}

/// The configuration with envelope keys for every institution, and what the node opens their messages with.
fn sealing_config() -> (Arc<Config>, EnvelopeKeys) {
    let algorithm = EnvelopeAlgorithm::Sm2Sm4;
    let node = DecryptionKey::generate(algorithm).unwrap();
    let theirs = DecryptionKey::generate(algorithm).unwrap();
    let (mode, serial) = (CipherMode::Cbc, serial_number(4_500_000_001));
    let node_envelope = NodeEnvelope { serial, key: node.encryption_key().clone() };
    let peer = NodeEnvelope { serial, key: theirs.encryption_key().clone() };
    let keys = EnvelopeKeys { serial: serial_number(4_600_000_001), decryption: theirs, mode, node: node_envelope };
    let (mut config, keys) = (Arc::unwrap_or_clone(config()), Arc::new(keys));
    for institution in &mut config.institutions {
        institution.identity.envelope = Some(Arc::clone(&keys));
    }
    (Arc::new(config), EnvelopeKeys { serial, decryption: node, mode, node: peer })
}

/// A history in which there is something of everything.
fn rich_history() -> History {
    let request = payment(1);
    let mut history = history_of(&request);
    let order = Order { fen: 0, contract: None, credit_bank: request.order.debit_bank, ..request.order };
    let contract = |for_mandate| Contract {
        number: SgnNo::issued(for_mandate, request.id),
        opened_by: request.id,
        institution: order.institution,
        bank: order.debit_bank,
        is_ended: false,
    };
    for _ in 0..64 {
        history.checked.push((request.id, Order { business: Business::IdentityCheck, ..order }));
        history.agreements.push(contract(false));
        history.mandates.push(contract(true));
    }
    history.orders.push((request.id, Order { business: Business::Gateway, ..request.order }));
    history.presumed.push((request.id, request.order));
    history
}

fn config() -> Arc<Config> {
    Arc::new(config_of_suites(&[Suite::Ed25519; 3]))
}

/// Institutions that sign with these suites, and five banks.
pub(crate) fn config_of_suites(suites: &[Suite]) -> Config {
    let links = vec![LinkAddress::main("127.0.0.1:0".parse().unwrap())];
    let identity = |id: &str, serial: &str, suite| Identity {
        id: InstitutionId::parse(id.as_bytes()).unwrap(),
        serial: SerialNumber::parse(serial.as_bytes()).unwrap(),
        key: Arc::new(SigningKey::generate(suite).unwrap()),
        envelope: None,
        tls: None,
    };
    let node = identity("G4000311000018", "4000000001", Suite::Ed25519);
    let institution = |(place, suite): (usize, &Suite)| Institution {
        identity: identity(&format!("Z20{place:011}"), &format!("{:010}", 4_100_000_000 + place), *suite),
        name: String::new(),
        links: links.clone(),
        reserve_bank: place,
    };
    let bank = |place: usize| Bank {
        identity: identity(&format!("C10{place:011}"), &format!("{:010}", 4_200_000_000 + place), Suite::Ed25519),
        name: String::new(),
        links: links.clone(),
    };
    Config {
        target: String::new(),
        suite: Suite::Ed25519,
        node: Node { id: node.id, serial: node.serial, key: node.key.verifying_key().clone() },
        institutions: suites.iter().enumerate().map(institution).collect(),
        banks: (0..5).map(bank).collect(),
        agreements: 10,
    }
}

fn composer(mix: &str, seed: u64) -> Composer {
    Composer::new(config(), mix.parse().unwrap(), seed, 77, Backends::default()).unwrap()
}

/// History in which everything was answered: one success, acknowledged and sent.
fn history_of(request: &Prepared) -> History {
    let mut history = History::default();
    let Prepared { id, order, message_type, ref body, .. } = *request;
    let serial = SerialText::new(b"90130769580171550918").unwrap();
    history.successes.push(Success { id, order, serial, refundable_fen: order.fen });
    history.acknowledged.push((id, order));
    history.sent.push(Sent { id, order, message_type, body: body.clone() });
    history
}

fn payment(seed: u64) -> Prepared {
    composer("payments=1", seed).prepare(&[DUE], &mut History::default()).unwrap().remove(0)
}

#[test]
fn a_trace_says_what_is_sent_where_it_does() {
    let kinds = [Some(Kind::Refund), None, Some(Kind::Query), Some(Kind::Duplicate)];
    let due = kinds.map(|kind| Due { at_ns: 5, kind });
    let requests = composer("payments=1,refunds=0,queries=0", 3).prepare(&due, &mut history_of(&payment(1))).unwrap();
    let sent: Vec<_> = requests.iter().map(|request| request.kind).collect();
    assert_eq!(sent, [Kind::Refund, Kind::Payment, Kind::Query, Kind::Duplicate]);
}

/// Whether the signature of a request is its institution's over what it says.
fn is_signed(config: &Config, request: &Prepared) -> bool {
    let mut decoder = clearway_codec::Decoder::new();
    let message = decoder.decode(&request.body).unwrap();
    let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
    let length = clearway_codec::decode_signature(message.signature_text().unwrap(), &mut signature).unwrap();
    let key = config.institutions[usize::from(request.order.institution)].identity.key.verifying_key();
    Backends::default().verify(&VerifyJob { key, message: message.signed_bytes(), signature: &signature[..length] })
}

/// Whatever room the text takes, every kind keeps to the schema; a 201 goes from 1.2 KB to 4.5 KB.
#[test]
fn requests_are_as_large_as_the_mix_says() {
    let (config, _) = sealing_config();
    let mut bytes = Vec::new();
    for share in [0.0, 0.01, 0.5, 1.0] {
        let mix = Mix { text: Fill::Fixed { share }, ..Mix::all() };
        let mut composer = Composer::new(Arc::clone(&config), mix, 3, 77, Backends::default()).unwrap();
        let mut payments = Vec::new();
        for kind in Kind::ALL {
            let due = Due { at_ns: 0, kind: Some(kind) };
            let request = composer.prepare(&[due], &mut rich_history()).unwrap().remove(0);
            let read = Reader::default().open(&request.body, |message| Ok(message.header().issuer));
            assert!(read.is_ok(), "{kind:?} at {share}: {}", String::from_utf8_lossy(&request.body));
            if request.kind == Kind::Payment {
                payments.push(request.body.len());
            }
        }
        bytes.push(payments[0]);
    }
    assert!(bytes.is_sorted() && (1_100..1_300).contains(&bytes[0]), "{bytes:?}");
    assert!((4_200..4_700).contains(&bytes[3]), "{bytes:?}");
}

/// One digit of the amount differs from what was signed, so that the signature does not hold.
#[test]
fn an_altered_request_is_well_formed_and_badly_signed() {
    for seed in 0..50 {
        let mut composer = composer("payments=1", seed);
        let due = Due { at_ns: 0, kind: Some(Kind::BadSignature) };
        let request = composer.prepare(&[due], &mut History::default()).unwrap().remove(0);
        assert!(request.order.is_altered && request.order.is_forbidden && request.kind.is_tracked());
        assert!(!is_signed(&composer.config, &request), "seed {seed}");
        let amount = |message: &clearway_codec::Checked<'_>| message.amount(Field::TrxAmt);
        let fen = Reader::default().open(&request.body, amount).map(|sealed| sealed.trust().fen()).ok().unwrap();
        assert!(fen > 0 && fen.abs_diff(request.order.fen) == 1, "seed {seed}: {fen}");
    }
}

#[test]
fn every_kind_keeps_to_the_schema_and_is_signed_by_its_institution() {
    let mut history = history_of(&payment(1));
    for mix in ["payments=1", "payments=0,refunds=1,queries=0", "payments=0,refunds=0,queries=1", "duplicates=100"] {
        let mut composer = composer(mix, 3);
        let config = Arc::clone(&composer.config);
        for request in composer.prepare(&[DUE; 8], &mut history).unwrap() {
            let identity = &config.institutions[usize::from(request.order.institution)].identity;
            let sender = identity.id;
            let read = Reader::default().open(&request.body, |message| Ok(message.header().issuer));
            assert_eq!(read.map(crate::wire::Sealed::trust).ok(), Some(sender), "{mix}");
            let text = String::from_utf8(request.body.to_vec()).unwrap();
            assert!(text.contains(&request.id.to_string()), "{mix}");
            if request.kind == Kind::Payment {
                assert!((1_300..1_900).contains(&text.len()), "{} bytes", text.len());
            }
        }
    }
}

/// Every kind of request is what the catalogue says, names its transaction, and hides what is secret so that the node
/// can read it.
#[test]
fn every_business_is_composed_and_its_secrets_are_sealed() {
    let (config, node) = sealing_config();
    let table = [
        ("payouts", Kind::Payout, Some(Field::PyeeBkNo)),
        ("certified", Kind::Certified, Some(Field::PyerBkNo)),
        ("entrusted", Kind::Entrusted, None),
        ("gateway", Kind::Gateway, None),
        ("signs", Kind::Sign, Some(Field::SgnAcctId)),
        ("ends", Kind::End, None),
        ("mandates", Kind::Mandate, Some(Field::SgnAcctId)),
        ("mandate-ends", Kind::MandateEnd, None),
        ("order-queries", Kind::OrderQuery, None),
        ("details", Kind::Detail, None),
        ("closes", Kind::Close, None),
        ("control-numbers", Kind::ControlNumbers, None),
        ("disputes", Kind::Dispute, None),
    ];
    for (name, kind, secret) in table {
        let mix = format!("payments=0,refunds=0,queries=0,{name}=1").parse().unwrap();
        let mut composer = Composer::new(Arc::clone(&config), mix, 3, 77, Backends::default()).unwrap();
        let request = composer.prepare(&[DUE], &mut rich_history()).unwrap().remove(0);
        assert_eq!(request.kind, kind, "{name}");
        let text = String::from_utf8(request.body.to_vec()).unwrap();
        assert!(!text.contains(ACCOUNT_PREFIX), "{name}: {text}");
        let mut decoder = clearway_codec::Decoder::new();
        let message = decoder.decode(&request.body).unwrap().check().unwrap();
        assert_eq!(message.message_type(), request.message_type, "{name}");
        let opened = node.open(&message).unwrap();
        let account = secret.map(|field| opened.get(field).unwrap().to_owned());
        assert!(account.is_none_or(|account| account.starts_with(ACCOUNT_PREFIX)), "{name}");
    }
}

/// Both steps of a signing are one customer's, under one transaction id.
#[test]
fn the_second_step_of_a_signing_repeats_the_first() {
    let (config, node) = sealing_config();
    let mix: Mix = "payments=0,refunds=0,queries=0,signs=1".parse().unwrap();
    let mut composer = Composer::new(config, mix, 3, 77, Backends::default()).unwrap();
    let mut history = History::default();
    let check = composer.prepare(&[DUE], &mut history).unwrap().remove(0);
    assert_eq!(check.kind, Kind::IdentityCheck);
    history.checked.push((check.id, check.order));
    let sign = composer.prepare(&[DUE], &mut history).unwrap().remove(0);
    assert_eq!((sign.kind, sign.id), (Kind::Sign, check.id));
    let account = |request: &Prepared| {
        let mut decoder = clearway_codec::Decoder::new();
        let message = decoder.decode(&request.body).unwrap().check().unwrap();
        node.open(&message).unwrap().get(Field::SgnAcctId).map(str::to_owned)
    };
    assert_eq!(account(&check), account(&sign));
}

/// Without keys nobody can write what must carry secrets: a payment takes its place.
#[test]
fn without_keys_no_secret_is_sent() {
    for name in ["payouts", "certified", "signs", "mandates"] {
        let mut composer = composer(&format!("payments=0,refunds=0,queries=0,{name}=1"), 3);
        let request = composer.prepare(&[DUE], &mut History::default()).unwrap().remove(0);
        assert_eq!(request.kind, Kind::Payment, "{name}");
    }
}

/// Something is ended once; later it is used again only to see it refused.
#[test]
fn what_was_ended_is_not_ended_again() {
    let mut ends = composer("payments=0,refunds=0,queries=0,ends=1", 3);
    let mut history = History::default();
    let number = SgnNo::issued(false, payment(1).id);
    let contract = Contract { number, opened_by: payment(1).id, institution: 1, bank: 2, is_ended: false };
    history.agreements.push(contract);
    let kinds: Vec<_> = ends.prepare(&[DUE; 8], &mut history).unwrap().iter().map(|request| request.kind).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == Kind::End).count(), 1, "{kinds:?}");
}

#[test]
fn signatures_of_a_burst_belong_to_their_own_requests() {
    let mut composer = composer("payments=1,skew=30", 9);
    let config = Arc::clone(&composer.config);
    for request in composer.prepare(&[DUE; 8], &mut History::default()).unwrap() {
        assert!(is_signed(&config, &request), "{}", request.id);
    }
}

/// Request n is the same whatever was answered before it, as long as it refers to nothing.
#[test]
fn the_seed_fixes_what_the_nth_request_is() {
    let payments = |history: &mut History| -> Vec<_> {
        let requests = composer("payments=50,refunds=25,queries=25", 5).prepare(&[DUE; 8], history).unwrap();
        let payments = requests.into_iter().map(|request| match request.kind {
            Kind::Payment => {
                Some((request.id.as_u128() % 10_u128.pow(23), request.order.fen, request.order.debit_bank))
            }
            _ => None,
        });
        payments.collect()
    };
    let (early, late) = (payments(&mut History::default()), payments(&mut history_of(&payment(2))));
    assert!(early.iter().all(Option::is_some), "with no history everything is a payment");
    assert!(late.iter().any(Option::is_none) && late.iter().any(Option::is_some));
    assert!(early.iter().zip(&late).all(|(early, late)| late.is_none() || early == late));
}

#[test]
fn refunds_never_ask_for_more_than_is_left_unless_they_are_meant_to() {
    let original = payment(1);
    let mut history = history_of(&original);
    let mut refunds = composer("payments=0,refunds=1,queries=0", 4);
    let mut asked = 0;
    for _ in 0..40 {
        for request in refunds.prepare(&[DUE; 8], &mut history).unwrap() {
            if let Some(refunded) = request.order.original {
                assert_eq!((refunded, request.order.debit_bank), (original.id, original.order.credit_bank));
                asked += request.order.fen;
            }
        }
    }
    assert_eq!(asked, original.order.fen, "refunds went on until nothing was left");
    let mut excess = composer("payments=0,refunds=1,queries=0,excess-refunds=100", 4);
    let request = excess.prepare(&[DUE], &mut history).unwrap().remove(0);
    assert_eq!(request.order.fen, original.order.fen + 1);
}

#[test]
fn a_duplicate_is_the_same_bytes() {
    let original = payment(1);
    let request = composer("duplicates=100", 4).prepare(&[DUE], &mut history_of(&original)).unwrap().remove(0);
    assert_eq!((request.kind, request.id, request.body), (Kind::Duplicate, original.id, original.body));
}

#[test]
fn a_refund_names_the_serial_and_agreement_of_its_original() {
    let original = payment(1);
    let mut composer = composer("payments=0,refunds=1,queries=0", 4);
    let request = composer.prepare(&[DUE], &mut history_of(&original)).unwrap().remove(0);
    let field = |body: &Bytes, field| {
        let mut decoder = clearway_codec::Decoder::new();
        decoder.decode(body).unwrap().check().unwrap().field(field).map(<[u8]>::to_vec)
    };
    assert_eq!(field(&request.body, Field::OriDbtrBankId).as_deref(), Some(&b"90130769580171550918"[..]));
    assert_eq!(field(&request.body, Field::SgnNo), field(&original.body, Field::SgnNo));
    assert_eq!(field(&request.body, Field::OriTrxAmt), field(&original.body, Field::TrxAmt));
}
