//! How much memory agreements take: counted by the registers, and measured as the process grows.
//!
//! ```text
//! cargo run --release -p clearway --example agreements -- 5000000
//! ```

use std::time::{Duration, Instant};

use clearway::domain::agreement::{Agreement, EndedBy, SgnNo, State};
use clearway::domain::register::Image;
use clearway::domain::transaction::Parties;
use clearway::registers::{Channel, Cursor, Registers};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agreements: u64 = std::env::args().nth(1).map_or(Ok(5_000_000), |text| text.parse())?;
    let before = resident_bytes()?;
    let registers = Registers::new(agreements as usize);
    let started = Instant::now();
    for n in 0..agreements {
        registers.apply(&Image::Agreement(agreement(n).ok_or("a sound number")?));
    }
    let (took, count) = (started.elapsed(), agreements as f64);
    println!("{agreements} agreements in {:.1} s", took.as_secs_f64());
    println!("counted   {:6.1} bytes an agreement", registers.memory_bytes() as f64 / count);
    println!("measured  {:6.1} bytes an agreement", (resident_bytes()?.saturating_sub(before)) as f64 / count);
    ask(&registers, agreements);
    restart(&registers)
}

/// One of institution `n % 200` at bank `n % 1,800`; every customer has three, every account two.
fn agreement(n: u64) -> Option<Agreement> {
    Some(Agreement {
        number: SgnNo::parse(format!("EPTEN{n:018}").as_bytes())?,
        account: mixed(n / 2),
        customer: mixed(n / 3),
        institution: (n % 200) as u16,
        bank: 200 + (n % 1_800) as u16,
        state: State::Live,
        ended_by: EndedBy::Nobody,
        unacknowledged: Parties::NONE,
        shared: false,
        changed_by: u128::from(n) + 1,
        version: 1,
        changed_at_s: 1_795_140_000,
        starts_at_s: 0,
        ends_at_s: 0,
    })
}

/// Finds every thousandth agreement, and asks of its customer whether signing is needed.
fn ask(registers: &Registers, agreements: u64) {
    let asked: Vec<Agreement> = (0..agreements).step_by(1_000).filter_map(agreement).collect();
    let found = timed(&asked, |one| registers.find_agreement(one.number.as_str().as_bytes()).is_some());
    println!("find      {found:6.2} us");
    let signed = timed(&asked, |one| {
        let channel = Channel { institution: one.institution, bank: one.bank };
        registers.signed(one.customer, one.account, &[channel], 1_795_140_000_000_000).iter().all(|one| one.by_customer)
    });
    println!("signed    {signed:6.2} us");
}

/// Copies everything as a checkpoint does, and loads it as a restart does.
fn restart(registers: &Registers) -> Result<(), Box<dyn std::error::Error>> {
    let (restored, mut chunk, mut bytes) = (Registers::new(registers.agreements()), Vec::new(), 0);
    let (mut copied, mut loaded) = (Duration::ZERO, Duration::ZERO);
    let mut cursor = Some(Cursor::default());
    while let Some(at) = cursor {
        chunk.clear();
        let started = Instant::now();
        cursor = registers.snapshot(at, &mut chunk);
        copied += started.elapsed();
        let started = Instant::now();
        restored.load(&chunk)?;
        loaded += started.elapsed();
        bytes += chunk.len();
    }
    assert_eq!(restored.agreements(), registers.agreements());
    let (mib, copied, loaded) = (bytes >> 20, copied.as_secs_f64(), loaded.as_secs_f64());
    println!("snapshot  {mib} MiB, copied in {copied:.1} s, loaded in {loaded:.1} s");
    Ok(())
}

/// Microseconds each.
fn timed(asked: &[Agreement], question: impl Fn(&Agreement) -> bool) -> f64 {
    let started = Instant::now();
    assert!(asked.iter().all(question), "every agreement is found");
    started.elapsed().as_secs_f64() * 1e6 / asked.len().max(1) as f64
}

/// The finaliser of SplitMix64; never 0 for what comes here.
fn mixed(n: u64) -> u64 {
    let mut mixed = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ mixed >> 31
}

/// Memory of this process, from the kernel.
fn resident_bytes() -> Result<u64, Box<dyn std::error::Error>> {
    let pages: u64 =
        std::fs::read_to_string("/proc/self/statm")?.split_whitespace().nth(1).ok_or("no statm")?.parse()?;
    Ok(pages * 4096)
}
