//! What the operator does with the lines of a bank while payments run: drain, undrain, switch, switch back.

use clearway_tests::admin;
use clearway_tests::seed::Seed;
use clearway_tests::wait;
use serde_json::json;

use crate::rig::{ACTIVE, Rig, STANDBY};

/// Payments a second.
const RATE: f64 = 150.0;
/// Legs that show who takes them.
const ENOUGH: usize = 60;

impl Rig {
    fn order(&self, deed: &str, link: Option<&str>) -> u16 {
        let participant = self.site.parties().banks[self.bank].identity.id.to_string();
        let mut body = json!({ "do": deed, "participant": participant, "by": "li" });
        if let Some(link) = link {
            body["link"] = json!(link);
        }
        let (status, said) = admin::change(self.node.ready.admin, "/links", &body);
        println!("{deed} {link:?}: {status} {said}");
        status
    }

    /// Orders, and waits until legs go over `line` and over no other.
    fn order_to(&self, deed: &str, link: Option<&str>, line: usize) {
        assert_eq!(self.order(deed, link), 200, "{deed} {link:?}");
        self.await_legs(line, ENOUGH);
        let other = 1 - line;
        let before = self.watch.legs_on(other);
        self.await_legs(line, ENOUGH);
        assert_eq!(self.watch.legs_on(other), before, "{deed} {link:?}: never two where one is wanted");
    }
}

#[test]
fn the_operator_moves_the_load_without_one_unknown_payment() {
    let seed = Seed::of_test("operator");
    let rig = Rig::start(seed.number(), false);
    let run = rig.load(seed.number(), RATE);
    rig.await_legs(ACTIVE, ENOUGH);
    rig.order_to("drain", Some("main"), STANDBY);
    rig.order_to("undrain", Some("main"), ACTIVE);
    rig.order_to("switch", Some("spare"), STANDBY);
    rig.order_to("switch-back", None, ACTIVE);
    assert!(rig.order("drain", Some("nowhere")) >= 400, "there is no such link");
    let outcome = rig.finish(run);
    println!("{outcome:#?}\n{:?}", rig.takeovers());
    assert!(outcome.verdict.ok, "{outcome:#?}");
    assert_eq!((outcome.failed, outcome.presumed, outcome.unknown), (0, 0, 0), "{outcome:#?}");
    assert_eq!(rig.takeovers(), ["main -> spare", "spare -> main", "main -> spare", "spare -> main"]);
}

/// What the operator has said stands over a restart, and the history says who said it.
#[test]
fn a_drain_stands_over_a_restart() {
    let seed = Seed::of_test("drain and restart");
    let mut rig = Rig::start(seed.number(), false);
    assert_eq!(rig.order("drain", Some("main")), 200);
    rig.restart();
    let institution = rig.site.institution(0);
    for _ in 0..5 {
        let _ = institution.pay();
    }
    assert!(rig.watch.legs_on(ACTIVE) == 0 && rig.watch.legs_on(STANDBY) >= 5);
    let history = admin::json(rig.node.ready.admin, "/history").to_string();
    assert!(history.contains("\"li\"") && history.contains("main"), "{history}");
    assert_eq!(rig.order("undrain", Some("main")), 200);
    wait::until("the active line in use again", || {
        let _ = institution.pay();
        (rig.watch.legs_on(ACTIVE) > 0).then_some(())
    });
}
