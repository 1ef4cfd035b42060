//! What the generator itself costs: run by hand, with optimisation, on a quiet machine of two cores.
//!
//! `RATE=3000 SECONDS=8 AHEAD_MS=200 SUITE=ecdsa-p256-sha256 cargo test --release -p clearway-loadgen --test capacity --
//! --nocapture`; without these variables it is a short run that must end well.

mod mini_switch;

use clearway_crypto::{Backends, SignJob, SigningKey, Suite, VerifyJob};
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::{Counterparties, Mix, Oracle, Placement, Plan, Profile, Run, Target, process_cpu};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Institutions and all banks on one core, a switch that verifies nothing on the other. Prints CPU per payment; what
/// one core can carry is its inverse. Asserts the verdict, and nothing about time, which is the machine's affair.
#[test]
fn cost_of_one_payment() {
    let rate = variable("RATE", 200) as f64;
    let seconds = variable("SECONDS", 2);
    let ahead_ms = variable("AHEAD_MS", 200);
    let suite: Suite = std::env::var("SUITE").map_or(Suite::EcdsaP256Sha256, |name| name.parse().unwrap());
    let (config, key) = config(4, 6, suite);
    let placement = Placement { pin_cores: vec![1], ..Placement::default() };
    let parties = Counterparties::start_at(&config, &Behaviours::healthy(), &placement).unwrap();
    let manners =
        Manners { verifies: false, pin_core: Some(0), bank_timeout: Duration::from_secs(5), ..Manners::default() };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(rate),
        duration: Duration::from_secs(seconds),
        warm_up: Duration::from_secs(1),
        prepare_ahead: Duration::from_millis(ahead_ms),
        mix: Mix::payments_only(),
        pin_core: Some(1),
        ..Plan::default()
    };
    let before = process_cpu();
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    let (whole, of_switch) = (process_cpu() - before, switch.stop());
    let payments = finished.report.sent as f64;
    let us = |cpu: Duration| cpu.as_secs_f64() * 1e6 / payments;
    println!("{}", finished.report);
    let ledgers = parties.ledgers();
    let judged = Instant::now();
    let verdict = Oracle::judge(&ledgers, &finished.tracker);
    println!("judged in {:.0} ms: {verdict}", judged.elapsed().as_secs_f64() * 1e3);
    assert!(verdict.is_safe(), "{verdict}");
    let floor = crypto_floor_us(&key);
    println!("signatures alone {floor:.1} us: 3 made and 3 verified, one at a time, in the same run");
    println!(
        "sender {:.1} us, banks {:.1} us, mini switch {:.1} us per payment",
        finished.report.sender_cpu_us_per_request,
        us(whole) - us(of_switch) - finished.report.sender_cpu_us_per_request,
        us(of_switch)
    );
    println!(
        "generator {:.1} us per payment: one core carries {:.0} payments/s",
        us(whole) - us(of_switch),
        1e6 / (us(whole) - us(of_switch))
    );
}

fn variable(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// Three signatures and three verifications, in microseconds of CPU; the best of several rounds.
fn crypto_floor_us(key: &SigningKey) -> f64 {
    let (backends, message) = (Backends::default(), vec![7; 1_400]);
    let signature = backends.sign(&SignJob { key, message: &message }).unwrap();
    let round = || {
        let before = process_cpu();
        for _ in 0..300 {
            backends.sign(&SignJob { key, message: &message }).unwrap();
            assert!(backends.verify(&VerifyJob {
                key: key.verifying_key(),
                message: &message,
                signature: signature.as_bytes()
            }));
        }
        (process_cpu() - before).as_secs_f64() * 1e6 / 100.0
    };
    (0..9).map(|_| round()).fold(f64::INFINITY, f64::min)
}
