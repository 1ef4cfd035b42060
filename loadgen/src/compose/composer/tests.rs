//! What is composed is what the wire expects, signed, and repeats for its seed.

use super::*;
use crate::config::{Bank, Identity, Institution, Node};
use crate::history::SerialText;
use crate::wire::Reader;
use clearway_codec::{Field, InstitutionId, SerialNumber};
use clearway_crypto::{SigningKey, Suite, VerifyJob};

fn config() -> Arc<Config> {
    let listen = "127.0.0.1:0".parse().unwrap();
    let identity = |id: &str, serial: &str| Identity {
        id: InstitutionId::parse(id.as_bytes()).unwrap(),
        serial: SerialNumber::parse(serial.as_bytes()).unwrap(),
        key: Arc::new(SigningKey::generate(Suite::Ed25519).unwrap()),
        envelope: None,
    };
    let node = identity("G4000311000018", "4000000001");
    let institution = |place: usize| Institution {
        identity: identity(&format!("Z20{place:011}"), &format!("{:010}", 4_100_000_000 + place)),
        name: String::new(),
        listen,
        reserve_bank: place,
    };
    let bank = |place: usize| Bank {
        identity: identity(&format!("C10{place:011}"), &format!("{:010}", 4_200_000_000 + place)),
        name: String::new(),
        listen,
    };
    Arc::new(Config {
        target: String::new(),
        suite: Suite::Ed25519,
        node: Node { id: node.id, serial: node.serial, key: node.key.verifying_key().clone() },
        institutions: (0..3).map(institution).collect(),
        banks: (0..5).map(bank).collect(),
        agreements: 10,
    })
}

fn composer(mix: &str, seed: u64) -> Composer {
    Composer::new(config(), mix.parse().unwrap(), seed, 77, Backends::default())
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
    composer("payments=1", seed).prepare(&[0], &mut History::default()).unwrap().remove(0)
}

#[test]
fn every_kind_keeps_to_the_schema_and_is_signed_by_its_institution() {
    let mut history = history_of(&payment(1));
    for mix in ["payments=1", "payments=0,refunds=1,queries=0", "payments=0,refunds=0,queries=1", "duplicates=100"] {
        let mut composer = composer(mix, 3);
        let config = Arc::clone(&composer.config);
        for request in composer.prepare(&[0; 8], &mut history).unwrap() {
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

#[test]
fn signatures_of_a_burst_belong_to_their_own_requests() {
    let mut composer = composer("payments=1,skew=30", 9);
    let config = Arc::clone(&composer.config);
    for request in composer.prepare(&[0; 8], &mut History::default()).unwrap() {
        let mut decoder = clearway_codec::Decoder::new();
        let message = decoder.decode(&request.body).unwrap();
        let mut signature = [0; clearway_codec::limits::SIGNATURE_BYTES_MAX];
        let length = clearway_codec::decode_signature(message.signature_text().unwrap(), &mut signature).unwrap();
        let key = config.institutions[usize::from(request.order.institution)].identity.key.verifying_key();
        let job = VerifyJob { key, message: message.signed_bytes(), signature: &signature[..length] };
        assert!(Backends::default().verify(&job), "{}", request.id);
    }
}

/// Request n is the same whatever was answered before it, as long as it refers to nothing.
#[test]
fn the_seed_fixes_what_the_nth_request_is() {
    let payments = |history: &mut History| -> Vec<_> {
        let requests = composer("payments=50,refunds=25,queries=25", 5).prepare(&[0; 8], history).unwrap();
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
        for request in refunds.prepare(&[0; 8], &mut history).unwrap() {
            if let Some(refunded) = request.order.original {
                assert_eq!((refunded, request.order.debit_bank), (original.id, original.order.credit_bank));
                asked += request.order.fen;
            }
        }
    }
    assert_eq!(asked, original.order.fen, "refunds went on until nothing was left");
    let mut excess = composer("payments=0,refunds=1,queries=0,excess-refunds=100", 4);
    let request = excess.prepare(&[0], &mut history).unwrap().remove(0);
    assert_eq!(request.order.fen, original.order.fen + 1);
}

#[test]
fn a_duplicate_is_the_same_bytes() {
    let original = payment(1);
    let request = composer("duplicates=100", 4).prepare(&[0], &mut history_of(&original)).unwrap().remove(0);
    assert_eq!((request.kind, request.id, request.body), (Kind::Duplicate, original.id, original.body));
}

#[test]
fn a_refund_names_the_serial_and_agreement_of_its_original() {
    let original = payment(1);
    let mut composer = composer("payments=0,refunds=1,queries=0", 4);
    let request = composer.prepare(&[0], &mut history_of(&original)).unwrap().remove(0);
    let field = |body: &Bytes, field| {
        let mut decoder = clearway_codec::Decoder::new();
        decoder.decode(body).unwrap().check().unwrap().field(field).map(<[u8]>::to_vec)
    };
    assert_eq!(field(&request.body, Field::OriDbtrBankId).as_deref(), Some(&b"90130769580171550918"[..]));
    assert_eq!(field(&request.body, Field::SgnNo), field(&original.body, Field::SgnNo));
    assert_eq!(field(&request.body, Field::OriTrxAmt), field(&original.body, Field::TrxAmt));
}
