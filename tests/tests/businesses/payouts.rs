//! Payouts (211) and certified payments (216): sealed anew for every hop, refunded to the fen.

use clearway_codec::{Direction, Field, MessageType, TrxStatus};
use clearway_crypto::envelope::EnvelopeAlgorithm;
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::letter::Letter;
use clearway_tests::party::{Party, Reaction};
use clearway_tests::scene::{CARD, Scene, keys};

use serde_json::json;

use crate::NODE;

const SUCCESS: Option<TrxStatus> = Some(TrxStatus::Success);
const FAILURE: Option<TrxStatus> = Some(TrxStatus::Failure);
const NAME: &str = "\u{738b}\u{5c0f}\u{660e}";

/// 211: 88.00 yuan to a card at the customers' bank.
pub(crate) fn payout(scene: &Scene) -> Letter {
    let institution = scene.institution(0);
    let clear =
        [(Field::PyerAcctNo, "W1"), (Field::PyerAcctNm, NAME), (Field::PyeeBkNo, CARD), (Field::PyeeBkNm, NAME)];
    scene
        .order(MessageType::Epcc211, "0120")
        .with(Field::TrxAmt, "CNY88.00")
        .with(Field::PyerBkId, institution.bank(scene.places().0))
        .with(Field::PyerAcctIssrId, institution.identity().id.as_str())
        .with(Field::PyeeBkId, institution.bank(scene.places().1))
        .with_sealed(keys(&institution), &clear)
}

/// 216: 12.34 yuan from a card at the customers' bank.
pub(crate) fn certified(scene: &Scene) -> Letter {
    let institution = scene.institution(0);
    let clear = [(Field::PyerBkNo, CARD), (Field::PyerBkNm, NAME), (Field::IDNo, "110101199003070039")];
    scene
        .order(MessageType::Epcc216, "0112")
        .with(Field::TrxAmt, "CNY12.34")
        .with(Field::PyerBkId, institution.bank(scene.places().1))
        .with(Field::PyerAcctTp, "00")
        .with(Field::PyeeAcctIssrId, institution.identity().id.as_str())
        .with(Field::ResfdAcctIssrId, institution.bank(scene.places().0))
        .with_sealed(keys(&institution), &clear)
}

/// 205 of a certified payment: it has no agreement, so the refund names the card's bank alone.
fn refund(scene: &Scene, payment: &Letter, fen: u64) -> Letter {
    let bank = payment.value(Field::PyerBkId).expect("its bank").to_owned();
    let named = payment.clone().with(Field::PyerAcctIssrId, bank).with(Field::SgnNo, "EP0");
    scene.institution(0).refund(&named, fen)
}

/// One hop: the values open for this bank, and no byte of the envelope or the values is that of another hop.
fn check_hop(party: &Party, message: &Answer, sent: &Letter, card: Field) {
    assert_eq!(party.open(message).get(card), Some(CARD));
    for field in [Field::DgtlEnvlp, card] {
        assert_ne!(message.text(field).as_deref(), sent.value(field), "{field:?} went on as it came");
    }
    let own = party.identity().envelope.as_ref().expect("it has keys").serial;
    assert_eq!(message.text(Field::NcrptnSN).as_deref(), Some(own.as_str()));
}

fn sealed_anew(algorithm: EnvelopeAlgorithm) {
    let scene = Scene::with(NODE, |options| options.envelope = Some(algorithm));
    let _node = scene.start();
    let institution = scene.institution(0);
    // Which message, which receipt, the field of the card, the bank of each leg.
    let (reserve, customers) = (scene.reserve_bank(), scene.bank());
    let table = [
        (payout(&scene), MessageType::Epcc213, Field::PyeeBkNo, [reserve, customers]),
        (certified(&scene), MessageType::Epcc218, Field::PyerBkNo, [customers, reserve]),
    ];
    for (letter, receipt_type, card, banks) in table {
        let receipt = institution.send(&letter);
        assert_eq!((receipt.message_type(), receipt.status()), (receipt_type, SUCCESS), "{receipt}");
        assert_eq!(receipt.open(keys(&institution)).get(card), Some(CARD));
        assert_eq!(institution.send(&letter).bytes, receipt.bytes);
        let hops = banks.map(|bank| bank.await_about(letter.header.message_type, &letter));
        for (bank, hop) in banks.iter().zip(&hops) {
            check_hop(bank, hop, &letter, card);
        }
        assert_ne!(hops[0].text(card), hops[1].text(card), "one seal for two banks");
        assert_eq!(hops.map(|hop| hop.text(Field::RPFlg).unwrap_or_default()), ["1", "2"]);
        assert_eq!(institution.send(&institution.query(&letter)).status(), SUCCESS);
    }
}

#[test]
fn every_hop_is_sealed_anew_with_sm2() {
    sealed_anew(EnvelopeAlgorithm::Sm2Sm4);
}

#[test]
fn every_hop_is_sealed_anew_with_rsa() {
    sealed_anew(EnvelopeAlgorithm::RsaAes256);
}

#[test]
fn every_answer_to_every_leg_of_a_payout() {
    every_answer_to_every_leg(payout);
}

#[test]
fn every_answer_to_every_leg_of_a_certified_payment() {
    every_answer_to_every_leg(certified);
}

/// What the institution is told, and which bank is told to undo.
fn every_answer_to_every_leg(order: fn(&Scene) -> Letter) {
    use Reaction::{Fail, No, Unknown, Yes};
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let presumed = [TrxStatus::PresumedFailure, TrxStatus::PresumedSuccess];
    let request = order(&scene).header.message_type;
    let of_payout = request == MessageType::Epcc211;
    let banks = if of_payout { [scene.reserve_bank(), scene.bank()] } else { [scene.bank(), scene.reserve_bank()] };
    for leg in [0, 1] {
        let table = [
            (No("PB520011"), Yes, TrxStatus::Failure),
            (Fail, Yes, TrxStatus::Success),
            (Fail, No("PB520011"), TrxStatus::Failure),
            (Fail, Fail, presumed[leg]),
        ];
        for (row, (answer, finding, status)) in table.into_iter().enumerate() {
            banks[leg].on(request, answer);
            banks[leg].on(MessageType::Epcc301, finding);
            let letter = order(&scene);
            let receipt = institution.send(&letter);
            assert_eq!(receipt.status(), Some(status), "{request:?} leg {leg} row {row}: {receipt}");
            if leg == 1 && status == TrxStatus::Failure {
                let undone = banks[0].await_about(MessageType::Epcc207, &letter);
                assert_eq!(undone.status(), FAILURE, "leg 1 is to be undone");
            }
            if leg == 0 && status != TrxStatus::Success {
                let seen = |heard: &Answer| heard.text(Field::TrxId).as_deref() == letter.value(Field::TrxId);
                assert!(!banks[1].heard(request).iter().any(seen), "leg 2 was never sent");
            }
        }
        banks[leg].on(request, Yes);
    }
    // "No such transaction" for leg 2: it is sent once more, and only then.
    banks[1].on(request, Fail);
    banks[1].on(MessageType::Epcc301, Unknown);
    let letter = order(&scene);
    let receipt = institution.send(&letter);
    let seen = |heard: &Answer| heard.text(Field::TrxId).as_deref() == letter.value(Field::TrxId);
    assert_eq!(banks[1].heard(request).iter().filter(|heard| seen(heard)).count(), 2, "{receipt}");
    assert_eq!(receipt.status(), Some(TrxStatus::PresumedSuccess));
    banks[1].on(request, Yes);
}

/// One bank has both legs: what it is asked about says which one.
#[test]
fn a_bank_that_has_both_legs_is_asked_about_each() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.reserve_bank());
    bank.on(MessageType::Epcc211, Reaction::Fail);
    let letter = payout(&scene).with(Field::PyeeBkId, institution.bank(scene.places().0));
    let receipt = institution.send(&letter);
    assert_eq!(receipt.status(), SUCCESS, "{receipt}");
    for (message_type, field) in [(MessageType::Epcc211, Field::TrxId), (MessageType::Epcc301, Field::OriTrxId)] {
        let heard = bank.heard(message_type);
        let flags: Vec<_> =
            heard.iter().map(|one| (one.text(Field::RPFlg).unwrap_or_default(), one.direction())).collect();
        let expected = [("1", Direction::SWITCH_TO_PAYER_BANK), ("2", Direction::SWITCH_TO_PAYEE_BANK)]
            .map(|(flag, to)| (flag.to_owned(), to));
        assert_eq!(flags, expected, "{message_type:?}");
        assert!(heard.iter().all(|one| one.text(field).as_deref() == letter.value(Field::TrxId)));
    }
}

/// A bank that takes nothing new declines the whole payment, whichever leg it has.
#[test]
fn a_drained_bank_declines_either_leg() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let drain = |party: &Party, drained: bool| {
        let path = format!("/participants/{}", party.identity().id);
        let body = json!({ "by": "a test", "drained": drained });
        assert_eq!(admin::change(node.ready.admin, &path, &body).0, 200);
    };
    let table = [(scene.bank(), "RS600030", "PS500030"), (scene.reserve_bank(), "PS500030", "RS600030")];
    for (drained, of_payout, of_payment) in table {
        drain(drained, true);
        for (letter, code) in [(payout(&scene), of_payout), (certified(&scene), of_payment)] {
            let receipt = institution.send(&letter);
            assert_eq!((receipt.status(), &*receipt.code()), (FAILURE, code), "{receipt}");
        }
        drain(drained, false);
    }
    assert!(scene.banks.iter().all(|bank| bank.heard(MessageType::Epcc211).is_empty()));
    assert!(scene.banks.iter().all(|bank| bank.heard(MessageType::Epcc216).is_empty()));
}

#[test]
fn certified_payments_are_refunded_in_parts_and_payouts_never() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let payment = certified(&scene);
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    let rows = [(1_000, "00000000"), (235, "RB622022"), (234, "00000000"), (1, "RB622022")];
    for (fen, code) in rows {
        let part = refund(&scene, &payment, fen);
        let receipt = institution.send(&part);
        assert_eq!(receipt.code(), code, "{fen} fen");
        assert_eq!(institution.send(&part).bytes, receipt.bytes, "a repetition takes nothing more");
    }
    let paid_out = payout(&scene);
    assert_eq!(institution.send(&paid_out).status(), SUCCESS);
    let named = paid_out
        .with(Field::PyerBkId, institution.bank(scene.places().1))
        .with(Field::ResfdAcctIssrId, institution.bank(scene.places().0));
    assert_eq!(institution.send(&refund(&scene, &named, 1)).code(), "RB622021");
}

#[test]
fn fifty_refunds_at_once_take_what_there_is() {
    let scene = Scene::with(NODE, |options| options.workers = 2);
    let _node = scene.start();
    let institution = scene.institution(0);
    let payment = certified(&scene);
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    let refunds: Vec<Letter> = (0..50).map(|_| refund(&scene, &payment, 100)).collect();
    let codes: Vec<String> = std::thread::scope(|scope| {
        let sent: Vec<_> = refunds.iter().map(|refund| scope.spawn(|| institution.send(refund).code())).collect();
        sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
    });
    assert_eq!(codes.iter().filter(|code| *code == "00000000").count(), 12, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| *code == "RB622022").count(), 38, "{codes:?}");
    assert_eq!(scene.bank().heard(MessageType::Epcc205).len(), 12);
    assert_eq!(institution.send(&refund(&scene, &payment, 35)).code(), "RB622022");
    assert_eq!(institution.send(&refund(&scene, &payment, 34)).code(), "00000000");
}
