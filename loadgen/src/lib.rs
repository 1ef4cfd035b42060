//! Open-loop load, simulated banks and payment institutions, and the oracle that judges a run.
//!
//! What it is: the other side of the wire. It sends what institutions send (every payment, refund, payout, signing,
//! mandate, query, close, dispute), at instants that were fixed beforehand; it answers legs, queries and notices as banks
//! do, each with a ledger and a register of its own, plays their customers, and lets them end agreements by themselves;
//! and it compares what the institutions were told with what the banks did. Everything is signed and verified for real,
//! and what is secret is sealed.
//!
//! What it is not: it knows nothing of the switch but the wire, and can be turned on any system that speaks it. It is
//! no model of a bank's inside, and no closed loop: it does not slow down when the switch does.
//!
//! ```text
//!             Run                          the switch                     Counterparties
//!   schedule -> composer -> lanes  --201, 101 ...-->    --201, 101, 301, 207-->  banks, each with ledger,
//!               (signs ahead)      <--206, 102 ...--    <--206, 102, 302, 303--  register, customers, behaviour
//!                     |                                 <--245, 113, 105, 117--
//!                     |                                 --207, 105, 117------->  institutions' notice desks
//!                  tracker                                                          |
//!                     |                                                          ledgers
//!                     '---- settle (301 until all is known) ---- Oracle::judge -----'
//! ```
//!
//! A run against a node that `clearway init` and `clearway serve` have set up:
//!
//! ```no_run
//! use clearway_loadgen::{
//!     Behaviours, Config, Counterparties, Oracle, Plan, Profile, Run, Settlement, Target, settle,
//! };
//! use std::{path::Path, time::Duration};
//!
//! let config = Config::load(Path::new("DIR/counterparties/loadgen.toml"))?;
//! let parties = Counterparties::start(&config, &Behaviours::healthy())?;
//! let target: Target = config.target.parse()?;
//! // Banks send their news there too; a node on another address needs `parties.target().set(...)`.
//!
//! let plan = Plan { profile: Profile::constant(2_000.0), duration: Duration::from_secs(20), ..Plan::default() };
//! let mut finished = Run::start(&plan, &config, &target)?.wait()?;
//! println!("{}", finished.report);
//!
//! settle(&Settlement::default(), &config, &target, &mut finished.tracker)?;
//! let patience = Duration::from_secs(10);
//! let verdict = Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, patience)?;
//! assert!(verdict.ok, "{verdict}");
//! # Ok::<(), clearway_loadgen::Error>(())
//! ```
//!
//! How fast is a [`Profile`]: constant, steps, a ramp, a day with its rush, or a recorded trace; each instant is the
//! inverse of the summed rate, so none drifts. What is a [`Mix`], and with the behaviour of the banks a
//! [`MixFile`](mix::MixFile); `examples/mix.toml` has every key.
//!
//! Where honesty matters:
//! * Latency counts from the intended instant (`response_us`) and, beside it, from the actual sending (`service_us`).
//!   Late, dropped and unanswered requests are counted, and a run whose generator was late says so.
//! * Requests are composed and signed ahead of their instant, so SndDt is early by about [`Plan::prepare_ahead`].
//! * Every answer's signature is verified. Only a refusal whose very bytes were verified before is not verified again.
//! * A request that may have left is never sent again; a query may be.
//!
//! A business is a row of data ([`business`]): its messages, its legs, what it does at a bank. The composer walks the
//! catalogue and asks for each element what stands in it; banks, institutions and oracle ask the row.
//!
//! With `[tls]` in the configuration every connection is mutual TLS, and each institution has connections of its own,
//! because the switch holds who connects against who writes.
//!
//! Limits: HTTP/1.1; answers up to 64 KiB; ten thousand million transactions a run; what a run knows of
//! them, and what the banks have booked, is held in memory: about 0.5 KB a payment. Linux only (the pacing timer).

pub mod bank;
pub mod business;
pub mod compare;
pub mod config;
pub mod constants;
pub mod descriptors;
pub mod histogram;
pub mod html;
pub mod institution;
pub mod interrupt;
pub mod kind;
pub mod known;
pub mod link;
pub mod live;
pub mod manifest;
pub mod mix;
pub mod node;
pub mod oracle;
pub mod output;
pub mod overload;
pub mod page;
pub mod plan;
pub mod plot;
pub mod record;
pub mod report;
pub mod roster;
pub mod run;
pub mod schedule;
pub mod search;
pub mod settle;
pub mod sgn_no;
pub mod slo;
pub mod target;
pub mod tracker;
pub mod transactions;

mod agreements;
mod answer;
mod ask;
mod clock;
mod compose;
mod counterparties;
mod error;
mod history;
mod mandate;
mod random;
mod serve;
mod thread;
mod timer;
mod tls;
mod wire;

pub use agreements::{agreements_csv, write_agreements_csv};
pub use bank::{Behaviour, Behaviours, Ledgers};
pub use clock::process_cpu;
pub use compose::ACCOUNT_PREFIX;
pub use config::Config;
pub use counterparties::{BehaviourSwitch, Counterparties, Placement};
pub use error::Error;
pub use institution::InstitutionBehaviour;
pub use mix::Mix;
pub use oracle::{Oracle, Verdict};
pub use plan::Plan;
pub use report::{GeneratorCost, Report};
pub use run::{Finished, Run};
pub use schedule::{Arrival, Profile};
pub use settle::{Settled, Settlement, settle};
pub use slo::Slo;
pub use target::Target;
pub use tls::TlsIdentity;
pub use tracker::Tracker;
