//! Runs under profiles other than a constant rate: what is due is sent, as it was recorded, once more.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::run::drive;
use clearway_loadgen::schedule::{Arrival, Replay, Trace};
use clearway_loadgen::{Config, Counterparties, Plan, Profile, Target};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

/// One run against banks and a switch of its own: what was due, and how much was sent.
fn carry_out(config: &Config, key: &clearway_crypto::SigningKey, plan: &Plan) -> (Trace, u64) {
    let parties = Counterparties::start(config, &Behaviours::healthy()).unwrap();
    let switch = MiniSwitch::start(config, key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let driven = drive(plan, config, &Target::new(switch.address, "/preSvr"), &mut ()).unwrap();
    assert_eq!(driven.record.report.unknown, 0, "{}", driven.record.report);
    (driven.trace.unwrap(), driven.record.report.sent)
}

/// Story: a run of steps with a pause is recorded to a file, read back, and played at twice the speed: the same kinds at
/// half the offsets.
#[test]
fn a_recorded_run_is_played_again() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let profile = Profile::steps("200x200ms,0x200ms,400x200ms").unwrap();
    let plan = Plan {
        duration: profile.length().unwrap(),
        profile,
        arrival: Arrival::Poisson,
        mix: "payments=60,refunds=20,queries=20,duplicates=10".parse().unwrap(),
        keeps_trace: true,
        ..Plan::default()
    };
    let (recorded, sent) = carry_out(&config, &key, &plan);
    assert_eq!(recorded.len() as u64, sent);
    assert!(recorded.iter().all(|(offset_us, _)| !(200_000..400_000).contains(&offset_us)), "nothing in the pause");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.csv");
    recorded.save(&path).unwrap();

    let replay = Replay::load(&path, 0.5).unwrap();
    let again = Plan { duration: replay.length(), profile: Profile::Replay(replay), ..plan };
    let (replayed, sent_again) = carry_out(&config, &key, &again);
    assert_eq!(sent_again, sent);
    let halves: Vec<u64> = recorded.iter().map(|(offset_us, _)| offset_us / 2).collect();
    assert_eq!(replayed.iter().map(|(offset_us, _)| offset_us).collect::<Vec<_>>(), halves);
    let payments = |trace: &Trace| trace.iter().filter(|(_, kind)| kind.is_some_and(|kind| kind.is_timed())).count();
    // A refund or query that finds nothing to refer to, which depends on the answers, goes as a payment.
    assert!(payments(&replayed) >= payments(&recorded));
}

/// The composition keeps to its lead under a ramp and a day, and everything that is due leaves.
#[test]
fn ramps_and_days_send_what_they_promise() {
    let (config, key) = config(2, 3, Suite::Ed25519);
    for profile in [Profile::ramp("0..400").unwrap(), Profile::Day { mean_per_s: 150.0 }] {
        let duration = Duration::from_secs(1);
        let expected = profile.expected(duration).ceil() as u64;
        let mix = clearway_loadgen::Mix::payments_only();
        let plan = Plan { profile, duration, mix, keeps_trace: true, ..Plan::default() };
        let (trace, sent) = carry_out(&config, &key, &plan);
        assert_eq!((trace.len() as u64, sent), (expected, expected), "{}", plan.profile);
    }
}
