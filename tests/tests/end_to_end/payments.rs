//! Agreement payments: both legs, the receipt, the response headers, in every suite.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_crypto::Suite;
use clearway_loadgen::Behaviours;
use clearway_loadgen::bank::Leg;
use clearway_tests::http::Connection;
use clearway_tests::institution::{PATH, id_of};
use clearway_tests::site::Site;

use crate::NODE;

fn pays_with(suite: Suite) {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.suite = suite);
    let _node = site.start();
    for (place, payer_bank, fen) in [(0, 1, 128_385), (1, 2, 1), (1, 0, 999_999_999_999)] {
        let institution = site.institution(place);
        let payment = institution.payment(payer_bank, fen);
        let receipt = institution.send(&payment);
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc206, Some(TrxStatus::Success)));
        assert_eq!(receipt.code(), "00000000");
        for echoed in [Field::TrxId, Field::TrxAmt, Field::TrxDtTm, Field::PyerAcctIssrId, Field::ResfdAcctIssrId] {
            assert_eq!(receipt.text(echoed).as_deref(), payment.value(echoed), "{echoed:?}");
        }
        let debit = site.book(payer_bank, id_of(&payment), Leg::Debit);
        let credit = site.book(institution.reserve_bank(), id_of(&payment), Leg::Credit);
        for book in [debit, credit] {
            assert_eq!((book.requests, book.executed, book.net_fen()), (1, 1, fen), "{book:?}");
        }
        // The banks' serials are on the receipt: a refund must name the payer's bank's.
        assert!(receipt.text(Field::DbtrBankId).is_some_and(|serial| serial.ends_with(&debit.serial.to_string())));
        assert!(receipt.text(Field::CdtrBankId).is_some_and(|serial| serial.ends_with(&credit.serial.to_string())));
        let batch = receipt.text(Field::BatchId).expect("a receipt names its batch");
        assert!(batch.starts_with('B') && batch.len() == 13, "{batch}");
    }
}

#[test]
fn rsa_2048() {
    pays_with(Suite::Rsa2048Sha256);
}

#[test]
fn sm2() {
    pays_with(Suite::Sm2Sm3);
}

#[test]
fn ecdsa_p256() {
    pays_with(Suite::EcdsaP256Sha256);
}

#[test]
fn ed25519() {
    pays_with(Suite::Ed25519);
}

#[test]
fn one_connection_carries_many_messages_and_every_answer_has_its_headers() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let mut connection = Connection::open(site.address()).expect("the node listens");
    for _ in 0..20 {
        let payment = institution.payment(0, 500).seal(&institution.identity().key);
        let response = connection.post(PATH, &payment).expect("an answer");
        assert_eq!(response.header("msgtp"), Some("epcc.206.001.01"));
        assert_eq!(response.header("oriissrid"), Some(site.parties().node.id.as_str()));
        assert_eq!(response.header("content-type"), Some("application/xml;charset=utf-8"));
        let internal_us = response.header("clearway-internal-us").and_then(|text| text.parse::<u64>().ok());
        assert!(internal_us.is_some_and(|us| us > 0), "{response:?}");
        assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success));
    }
}

/// An element that the catalogue does not know disturbs nobody on the way to the bank and back.
#[test]
fn an_unknown_element_at_the_end_of_a_block_is_tolerated_all_the_way() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.payment(0, 700).edit("</TrxInf>", "<Tailored a=\"1\">\u{5546}&amp;</Tailored></TrxInf>");
    assert_eq!(institution.send(&payment).status(), Some(TrxStatus::Success));
    assert_eq!(site.book(0, id_of(&payment), Leg::Debit).net_fen(), 700);
}
