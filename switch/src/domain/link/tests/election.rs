//! Who takes: tables of who is what, and what the operator said.

use super::super::{
    Choice, Facts, Group, LinkNumber, LinkRules, LinkSpec, Observation, Order, Pick, Role, SwitchBack, Takers,
};
use super::{S, rules};

const ACTIVE: LinkSpec = LinkSpec { role: Role::Active, weight: 1 };
const STANDBY: LinkSpec = LinkSpec { role: Role::Standby, weight: 1 };
const SHARED: LinkSpec = LinkSpec { role: Role::Shared, weight: 1 };

fn link(number: u8) -> LinkNumber {
    LinkNumber::new(number).expect("a link")
}

fn set(numbers: &[u8]) -> Takers {
    numbers.iter().map(|number| link(*number)).collect()
}

/// Brings a link down.
fn fell(group: &mut Group, number: u8, now_us: u64) {
    for _ in 0..3 {
        let trial = group.detector(link(number)).unwrap().present_trial();
        group.observe(link(number), Observation::Refused, trial, now_us, &mut Vec::new());
    }
}

/// Brings a link back to where it is usable.
fn rose(group: &mut Group, number: u8, now_us: u64) {
    for _ in 0..3 {
        group.observe(link(number), Observation::ProbeGood, 0, now_us, &mut Vec::new());
    }
}

fn passed(group: &mut Group, now_us: u64) -> Takers {
    group.tick(&[Facts::default(); 4], now_us, &mut Vec::new());
    group.takers()
}

#[test]
fn the_first_to_take_is_the_best_as_configured() {
    let heavy = LinkSpec { weight: 9, ..ACTIVE };
    for (specs, takers) in [
        (vec![ACTIVE], &[1][..]),
        (vec![STANDBY, ACTIVE], &[2]),
        (vec![ACTIVE, heavy, STANDBY], &[2]),
        (vec![ACTIVE, ACTIVE], &[1]),
        (vec![SHARED, SHARED, STANDBY], &[1, 2]),
    ] {
        assert_eq!(Group::new(rules(), &specs, 0, 0).takers(), set(takers), "{specs:?}");
    }
}

#[test]
fn the_standby_takes_over_at_once_and_gives_back_after_a_while() {
    let mut group = Group::new(rules(), &[ACTIVE, STANDBY], 0, 0);
    fell(&mut group, 1, S);
    assert_eq!(group.takers(), set(&[2]));
    rose(&mut group, 1, 4 * S);
    assert_eq!(passed(&mut group, 13 * S), set(&[2]), "not yet");
    assert_eq!(passed(&mut group, 14 * S), set(&[1]), "ten seconds well");
    fell(&mut group, 1, 15 * S);
    assert_eq!(group.takers(), set(&[2]));
    fell(&mut group, 2, 16 * S);
    assert_eq!(group.takers(), Takers::NONE);
    assert_eq!(group.choose(Takers::NONE, 0, 16 * S), Choice::Nobody);
}

#[test]
fn by_hand_means_by_hand() {
    let manual = LinkRules { switch_back: SwitchBack::Manual, ..rules() };
    let mut group = Group::new(manual, &[ACTIVE, STANDBY], 0, 0);
    fell(&mut group, 1, S);
    rose(&mut group, 1, 4 * S);
    assert_eq!(passed(&mut group, 9_000 * S), set(&[2]));
    group.obey(Order::SwitchBack, 9_000 * S, &mut Vec::new());
    assert_eq!(group.takers(), set(&[1]));
}

#[test]
fn what_the_operator_switched_to_takes_until_he_switches_back() {
    for specs in [[ACTIVE, STANDBY, STANDBY], [SHARED, SHARED, SHARED]] {
        let mut group = Group::new(rules(), &specs, 0, 0);
        group.obey(Order::Switch(link(3)), S, &mut Vec::new());
        assert_eq!(passed(&mut group, 100 * S), set(&[3]));
        fell(&mut group, 3, 101 * S);
        assert!(!group.takers().is_empty() && !group.takers().contains(link(3)), "but not when it is down");
        rose(&mut group, 3, 104 * S);
        assert_eq!(passed(&mut group, 114 * S), set(&[3]), "and again when it has come back");
        group.obey(Order::SwitchBack, 115 * S, &mut Vec::new());
        assert!(group.takers().contains(link(1)));
    }
}

#[test]
fn a_drained_link_gets_nothing_and_the_last_one_may_be_drained() {
    let mut group = Group::new(rules(), &[ACTIVE, STANDBY], 0, 0);
    group.obey(Order::Drain(link(1)), S, &mut Vec::new());
    assert_eq!(group.takers(), set(&[2]));
    group.obey(Order::Drain(link(2)), S, &mut Vec::new());
    assert_eq!(group.takers(), Takers::NONE);
    group.obey(Order::Switch(link(1)), 2 * S, &mut Vec::new());
    assert_eq!(group.takers(), Takers::NONE, "a drain is stronger than a switch");
    group.obey(Order::Undrain(link(1)), 3 * S, &mut Vec::new());
    assert_eq!(group.takers(), set(&[1]));
}

#[test]
fn an_order_for_a_link_that_is_not_there_does_nothing() {
    let mut group = Group::new(rules(), &[ACTIVE], 0, 0);
    for number in [0, 2, 16] {
        for order in [Order::Drain(link(number)), Order::Undrain(link(number)), Order::Switch(link(number))] {
            let mut changes = Vec::new();
            group.obey(order, S, &mut changes);
            assert!(changes.is_empty() && group.takers() == set(&[1]), "{order:?}");
        }
    }
}

#[test]
fn shared_links_get_their_weight_in_every_run_of_messages() {
    let weights = [5, 3, 2];
    let pick = Pick { weights: &weights };
    for first in [0_u32, 7, 1_000_003, u32::MAX - 40] {
        let mut got = [0_i64; 3];
        for turn in 0..100 {
            got[pick.pick(set(&[1, 2, 3]), first.wrapping_add(turn)).place().unwrap()] += 1;
        }
        for (got, weight) in got.iter().zip(weights) {
            assert!((got - i64::from(weight) * 10).abs() <= 3, "{got} of 100 for weight {weight} from {first}");
        }
    }
    assert_eq!(pick.pick(Takers::NONE, 3), LinkNumber::NONE);
    assert_eq!(pick.pick(set(&[2]), 3), link(2));
    assert_eq!(pick.pick(set(&[1, 2, 3]), 3), pick.pick(set(&[1, 2, 3]), 3));
}

#[test]
fn sets_hold_what_is_put_in() {
    let all: Takers = (1..=16).map(link).collect();
    assert_eq!((all.len(), all.bits(), all.first()), (16, u16::MAX, link(1)));
    assert_eq!(all.without(set(&[1, 16])).iter().count(), 14);
    assert!(!all.contains(LinkNumber::NONE) && Takers::only(LinkNumber::NONE).is_empty());
    assert_eq!(LinkNumber::new(17), None);
    assert_eq!(LinkNumber::at(16), LinkNumber::NONE);
    assert!(LinkNumber::at(15).place() == Some(15) && LinkNumber::NONE.place().is_none());
}
