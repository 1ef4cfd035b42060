//! Queries and probes.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::letter::Letter;
use clearway_tests::site::Site;

use crate::NODE;

#[test]
fn a_query_tells_the_state_to_the_parties_and_nothing_to_others() {
    let site = Site::new(NODE);
    let _node = site.start();
    let (institution, other) = (site.institution(0), site.institution(1));
    let payment = institution.pay();
    let found = institution.send(&institution.query(&payment));
    assert_eq!((found.message_type(), found.status()), (MessageType::Epcc302, Some(TrxStatus::Success)));
    assert_eq!(found.code(), "00000000");
    assert_eq!(found.text(Field::OriTrxId).as_deref(), payment.value(Field::TrxId));
    assert!(found.text(Field::BatchId).is_some());

    let never_sent = institution.send(&institution.query(&institution.payment(0, 5)));
    let of_another = other.send(&other.query(&payment));
    for unknown in [never_sent, of_another] {
        assert_eq!((unknown.status(), unknown.code().as_str()), (None, "PB531001"), "{unknown}");
        assert_eq!(unknown.text(Field::SysRtnCd).as_deref(), Some("00000000"));
    }
}

/// A bank asks with its own key and direction 12; it learns of payments that it has a leg of.
#[test]
fn a_bank_may_ask_about_its_own_legs() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.payment(1, 900);
    assert_eq!(institution.send(&payment).status(), Some(TrxStatus::Success));
    for (bank, expected) in [(1, Some(TrxStatus::Success)), (2, None)] {
        let identity = &site.parties().banks[bank].identity;
        let mut query = institution.query(&payment);
        (query.header.issuer, query.header.sign_sn) = (identity.id, identity.serial);
        query.header.direction = clearway_codec::Direction::PAYER_BANK_TO_SWITCH;
        assert_eq!(institution.post(&query.seal(&identity.key)).status(), expected, "bank {bank}");
    }
}

#[test]
fn a_probe_is_answered_with_its_nonce() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(1);
    let probe: Letter = institution.letter(MessageType::Epcc991).with(Field::Nonce, "5f1c0e9a");
    let echo = institution.send(&probe);
    assert_eq!(echo.message_type(), MessageType::Epcc992);
    assert_eq!(echo.text(Field::Nonce).as_deref(), Some("5f1c0e9a"));
}
