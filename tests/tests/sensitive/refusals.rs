//! What cannot be read is refused before anything happens, and the refusal does not say why.

use clearway_codec::{Field, MessageType};
use clearway_tests::admin;
use clearway_tests::letter::Letter;
use clearway_tests::planted::Planted;
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;

use crate::NODE;
use crate::customer::{Customer, keys};

#[test]
fn an_envelope_that_does_not_open_is_refused_and_nothing_happens() {
    let site = Site::new(NODE);
    let node = site.start();
    let (mut planted, mut draws) = (Planted::default(), Seed::of_test("refusals").draws());
    let customer = Customer::plant(&mut planted, &mut draws);
    let institution = site.institution(0);
    let good = || customer.payout(&institution);
    let other = good();
    let of_other = |field| other.value(field).expect("sealed").to_owned();
    let table: [(&str, Letter, &str); 6] = [
        ("no envelope", good().without(Field::DgtlEnvlp), "ES000027"),
        ("no serial", good().without(Field::NcrptnSN), "ES000027"),
        ("a serial of nobody", good().with(Field::NcrptnSN, "4599999999"), "ES000027"),
        ("another message's envelope", good().with(Field::DgtlEnvlp, of_other(Field::DgtlEnvlp)), "ES000028"),
        ("another message's value", good().with(Field::PyeeBkNo, of_other(Field::PyeeBkNo)), "ES000028"),
        ("a value in the clear", good().with(Field::PyeeBkNo, &*customer.card), "ES000028"),
    ];
    for (name, letter, code) in table {
        let answer = institution.send(&letter);
        assert_eq!((answer.message_type(), &*answer.code()), (MessageType::Epcc303, code), "{name}: {answer}");
        let asked = institution.send(&institution.query(&letter));
        assert_eq!(asked.code(), "PB531001", "{name}: {asked}");
    }
    let answer = institution.send(&good());
    assert_eq!(answer.message_type(), MessageType::Epcc213, "{answer}");
    drop(node);
}

/// An institution changes its encryption certificate: from the reload on, values are sealed with the new one.
#[test]
fn a_new_encryption_key_is_used_after_a_reload() {
    let site = Site::new(NODE);
    let node = site.start();
    let (mut planted, mut draws) = (Planted::default(), Seed::of_test("a new key").draws());
    let customer = Customer::plant(&mut planted, &mut draws);
    let institution = site.institution(0);
    let serial_of_answer = |letter: &Letter| institution.send(letter).text(Field::NcrptnSN).expect("sealed");
    let old = keys(&institution).serial;
    assert_eq!(serial_of_answer(&customer.check(&institution)), old.as_str());
    let manifest = site.dir().join("keys/manifest.toml");
    let text = std::fs::read_to_string(&manifest).expect("the manifest");
    std::fs::write(&manifest, text.replace(old.as_str(), "4699999999")).expect("written");
    assert_eq!(admin::reload_keys(node.ready.admin).status, 200);
    assert_eq!(serial_of_answer(&customer.check(&institution)), "4699999999");
}
