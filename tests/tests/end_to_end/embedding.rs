//! The switch as a library: somebody else's gateway submits bytes.

use bytes::Bytes;
use clearway::error::Fault;
use clearway::{Config, Node};
use clearway_codec::{MessageType, TrxStatus};
use clearway_tests::answer::Answer;
use clearway_tests::site::Site;

use crate::NODE;

fn embedded(site: &Site) -> Node {
    Node::start(Config::load(site.config()).expect("a configuration")).expect("a node")
}

#[test]
fn submit_gives_the_signed_answers_of_the_wire() {
    let site = Site::new(NODE);
    let node = embedded(&site);
    let handle = node.handle();
    let institution = site.institution(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let submit = |bytes: Bytes| runtime.block_on(handle.submit(bytes));
    let payment = institution.payment(0, 600);
    let sealed = payment.seal(&institution.identity().key);
    let receipt = Answer { bytes: submit(sealed.clone()).expect("a receipt").to_vec() };
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc206, Some(TrxStatus::Success)));
    assert_eq!(submit(sealed.clone()).expect("the receipt again"), receipt.bytes);
    assert_eq!(institution.post(&sealed), receipt, "the same node over the wire");
    let unsigned = Bytes::from(payment.document());
    let refusal = Answer { bytes: submit(unsigned).expect("a signed refusal").to_vec() };
    assert_eq!(refusal.code(), "ES000022");
    let error = submit(Bytes::from_static(b"GET / HTTP/1.1")).expect_err("no message at all");
    assert_eq!(error.fault(), Fault::Caller);
    node.drain();
    let error = submit(sealed).expect_err("the node is gone");
    assert_eq!(error.fault(), Fault::Stopped);
}

#[test]
fn an_embedded_node_takes_up_what_another_left() {
    let site = Site::new(NODE);
    let institution = site.institution(0);
    let child = site.start();
    let payment = institution.pay();
    child.kill();
    let node = embedded(&site);
    assert_eq!(institution.await_final(&payment), TrxStatus::Success);
    node.drain();
}
