use proptest::prelude::*;

use super::*;
use crate::domain::link::LinkNumber;
use crate::domain::transaction::samples::{any_event, any_party, any_payment, payment, refund, succeeded, timing};
use crate::domain::transaction::{
    Event, Leg, Outcome, PAYMENT_BYTES, Party, Payment, RefundRequest, refund as refunds, transition,
};

fn any_kind() -> impl Strategy<Value = RecordKind> {
    prop_oneof![Just(RecordKind::Accepted), Just(RecordKind::Evidence), any_event().prop_map(RecordKind::Event)]
}

/// Role, party, time and bytes of one attachment.
type Part = (Role, Party, u64, Vec<u8>);

fn any_part() -> impl Strategy<Value = Part> {
    let role = prop::sample::select(Role::ALL.as_slice());
    (role, any_party(), any::<u64>(), prop::collection::vec(any::<u8>(), 0..50))
}

fn attachments(parts: &[Part]) -> Vec<Attachment<'_>> {
    parts
        .iter()
        .map(|(role, party, at_us, message)| Attachment { role: *role, party: *party, at_us: *at_us, message })
        .collect()
}

fn encoded(record: &Record<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    record.encode(&mut bytes);
    bytes
}

/// What a view holds, as bytes again.
fn reencoded(view: &RecordView<'_>) -> Vec<u8> {
    let attachments: Vec<_> = view.attachments().collect();
    let RecordView { kind, at_us, payment, original, .. } = view;
    encoded(&Record {
        kind: *kind,
        at_us: *at_us,
        link: view.link,
        payment,
        original: original.as_ref(),
        images: &[],
        attachments: &attachments,
    })
}

/// A refund and its original with the reservation on it.
fn refund_and_original() -> (Payment, Payment) {
    let refund = refund(2, 1, 700);
    let request = RefundRequest { amount_fen: 700, institution: 3, original_amount_fen: None };
    let original = refunds::reserve(Some(&succeeded(1)), &request, 5, &timing()).expect("fits");
    (refund, original)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_record_reads_back_as_it_was_written(
        kind in any_kind(),
        at_us in any::<u64>(),
        payment in any_payment(),
        parts in prop::collection::vec(any_part(), 0..=ATTACHMENTS_MAX),
    ) {
        let attachments = attachments(&parts);
        let bytes = encoded(&Record { kind, at_us, link: LinkNumber::NONE, payment: &payment, original: None, images: &[], attachments: &attachments });
        let view = RecordView::decode(&bytes).expect("own bytes");
        prop_assert_eq!((view.kind, view.at_us, view.payment, view.original), (kind, at_us, payment, None));
        prop_assert_eq!(view.attachments().collect::<Vec<_>>(), attachments);
        prop_assert_eq!(reencoded(&view), bytes);
    }

    /// Whatever bytes are read: no panic, and what is accepted means exactly these bytes.
    #[test]
    fn damaged_records_are_refused_or_mean_what_they_say(
        kind in any_kind(),
        payment in any_payment(),
        parts in prop::collection::vec(any_part(), 0..=ATTACHMENTS_MAX),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes =
            encoded(&Record { kind, at_us: 1, link: LinkNumber::NONE, payment: &payment, original: None, images: &[], attachments: &attachments(&parts) });
        let short = &bytes[..cut.index(bytes.len())];
        prop_assert!(RecordView::decode(short).is_err(), "a cut record is never one");
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Ok(view) = RecordView::decode(&bytes) {
            prop_assert_eq!(reencoded(&view), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..600), count in 0_u8..10) {
        let mut bytes = bytes;
        if let Some(head) = bytes.first_chunk_mut::<8>() {
            *head = [RECORD_VERSION, 2, 0, count, 0, 0, 0, 0];
        }
        if let Ok(view) = RecordView::decode(&bytes) {
            prop_assert_eq!(reencoded(&view), bytes);
        }
    }

    #[test]
    fn a_payment_reads_back_as_it_was_written(payment in any_payment()) {
        prop_assert_eq!(Payment::from_bytes(&payment.to_bytes()), Ok(payment));
    }

    #[test]
    fn arbitrary_payments_do_no_harm(bytes in any::<[u8; PAYMENT_BYTES / 4]>(), payment in any_payment(), at in 0_usize..4) {
        let mut damaged = payment.to_bytes();
        damaged[at * bytes.len()..(at + 1) * bytes.len()].copy_from_slice(&bytes);
        if let Ok(read) = Payment::from_bytes(&damaged) {
            prop_assert_eq!(read.to_bytes(), damaged);
        }
    }
}

/// Each single byte of a record that holds everything, changed in every bit: refused, or taken at its word.
#[test]
fn every_flipped_bit_is_refused_or_means_something_else() {
    let (refund, original) = refund_and_original();
    let message = Attachment { role: Role::Request, party: Party::Institution, at_us: 3, message: b"<root/>" };
    let record = Record {
        kind: RecordKind::Accepted,
        at_us: 9,
        link: LinkNumber::NONE,
        payment: &refund,
        original: Some(&original),
        images: &[],
        attachments: &[message],
    };
    let bytes = encoded(&record);
    assert_eq!(bytes.len(), RECORD_HEAD_BYTES + 2 * PAYMENT_BYTES + ATTACHMENT_HEAD_BYTES + 7);
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        if let Ok(view) = RecordView::decode(&damaged) {
            assert_eq!(reencoded(&view), damaged, "bit {bit}");
        }
    }
    for length in 0..bytes.len() {
        assert!(RecordView::decode(&bytes[..length]).is_err(), "cut to {length}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(RecordView::decode(&longer).is_err(), "nothing may follow");
}

/// What a payment can never be, though each byte alone could.
#[test]
fn impossible_payments_are_refused_by_name() {
    let paid = succeeded(1).to_bytes();
    let begun = payment(1).to_bytes();
    let set = |bytes: &[u8; PAYMENT_BYTES], at: usize, value: &[u8]| {
        let mut changed = *bytes;
        changed[at..at + value.len()].copy_from_slice(value);
        Payment::from_bytes(&changed).expect_err("impossible").0
    };
    let rows = [
        (set(&paid, 0, &[0; 16]), "trx_id"),
        (set(&paid, 0, &[255; 16]), "trx_id"),
        (set(&paid, 16, &[1]), "original of this business"),
        (set(&refund(2, 1, 5).to_bytes(), 16, &[0; 16]), "original of this business"),
        (set(&paid, 48, &[0; 8]), "amount_fen"),
        (set(&paid, 56, &[255; 8]), "refunded_fen"),
        (set(&paid, 112, &[0; 4]), "step"),
        (set(&paid, 126, &[0]), "business"),
        (set(&paid, 127, &[0]), "phase"),
        (set(&paid, 127, &[3]), "status of this phase"),
        (set(&begun, 127, &[5]), "status of this phase"),
        (set(&paid, 128, &[2]), "status of this phase"),
        (set(&paid, 128, &[5]), "status"),
        (set(&paid, 128, &[4]), "flags of this phase"),
        (set(&paid, 131, &[8]), "owed"),
        (set(&begun, 131, &[1]), "owed before the final state"),
        (set(&paid, 132, &[128]), "flags"),
        (set(&begun, 132, &[1]), "flags of this phase"),
        (set(&begun, 132, &[2]), "flags of this phase"),
        (set(&paid, 133, &[8]), "layers"),
    ];
    for (number, (named, expected)) in rows.into_iter().enumerate() {
        assert_eq!(named, expected, "row {number}");
    }
}

#[test]
fn the_original_in_a_record_is_the_refunds_own() {
    let (refund, original) = refund_and_original();
    let other = Payment { trx_id: original.trx_id + 5, ..original };
    let record = |original| Record {
        kind: RecordKind::Accepted,
        at_us: 9,
        link: LinkNumber::NONE,
        payment: &refund,
        original,
        images: &[],
        attachments: &[],
    };
    let bytes = encoded(&record(Some(&original)));
    let view = RecordView::decode(&bytes).expect("own bytes");
    assert_eq!((view.payment, view.original), (refund, Some(original)));
    assert!(RecordView::decode(&encoded(&record(Some(&other)))).is_err());
}

/// The record that holds the request, or the final receipt, is where they are read again.
#[test]
fn a_record_tells_where_request_and_receipt_lie() {
    let attach = |role| Attachment { role, party: Party::Bank1, at_us: 3, message: b"x" };
    let (begun, paid) = (payment(1), succeeded(1));
    let Outcome::Changed { next: debited, .. } = transition(&begun, Event::LegSucceeded(Leg::One), 2, &timing()) else {
        panic!("leg 1 was out");
    };
    let rows = [
        (&begun, Role::Request, (77, 0)),
        (&begun, Role::Receipt, (0, 0)), // ES000033 and 02: not the one to repeat
        (&paid, Role::Receipt, (0, 77)),
        (&paid, Role::Notice, (0, 0)),
        (&begun, Role::LegRequest, (0, 0)),
        (&begun, Role::LegAnswer, (0, 0)), // a "no", or nothing that could be used
        (&debited, Role::LegAnswer, (0, 77)),
        (&debited, Role::QueryAnswer, (0, 77)),
        (&debited, Role::Report, (0, 77)),
    ];
    for (payment, role, expected) in rows {
        let attachments = [attach(role), attach(Role::Query)];
        let record = Record {
            kind: RecordKind::Evidence,
            at_us: 1,
            link: LinkNumber::NONE,
            payment,
            original: None,
            images: &[],
            attachments: &attachments,
        };
        let bytes = encoded(&record);
        let read = RecordView::decode(&bytes).expect("own bytes").payment_at(77);
        assert_eq!((read.request_position, read.receipt_position), expected, "{role:?}");
        assert_eq!(read, record.payment_at(77), "live and replay agree");
    }
}

/// The journal may gather the parts: the head, then the messages.
#[test]
fn head_and_messages_are_the_record() {
    let parts =
        [(Role::LegAnswer, Party::Bank1, 1, b"in".to_vec()), (Role::LegRequest, Party::Bank2, 2, b"out".to_vec())];
    let attachments = attachments(&parts);
    let payment = payment(1);
    let record = Record {
        kind: RecordKind::Evidence,
        at_us: 1,
        link: LinkNumber::NONE,
        payment: &payment,
        original: None,
        images: &[],
        attachments: &attachments,
    };
    let mut head = Vec::new();
    record.encode_head(&mut head);
    assert_eq!([head.as_slice(), b"in", b"out"].concat(), encoded(&record));
}

/// Encoding into a buffer that is large enough asks for no memory.
#[test]
fn encoding_reuses_its_buffer() {
    let payment = payment(1);
    let record = Record {
        kind: RecordKind::Accepted,
        at_us: 1,
        link: LinkNumber::NONE,
        payment: &payment,
        original: None,
        images: &[],
        attachments: &[],
    };
    let mut buffer = Vec::with_capacity(RECORD_HEAD_BYTES + PAYMENT_BYTES);
    let (room, place) = (buffer.capacity(), buffer.as_ptr());
    for _ in 0..3 {
        buffer.clear();
        record.encode(&mut buffer);
    }
    assert_eq!((buffer.capacity(), buffer.as_ptr()), (room, place));
}
