//! Starts all banks and all institutions' notice desks, in threads of their own, and holds what they know.
//!
//! ```text
//! start --> bind every address --> thread 1: banks 1, 3, ... institutions ...
//!                              `-> thread 2: banks 2, 4, ...
//! ledgers() <-- books of all banks, notices of all institutions
//! ```
//!
//! Invariant: when `start` returns, every address is bound and takes connections.

use crate::bank::server::BankServer;
use crate::bank::state::BankState;
use crate::bank::{BankCounts, BankLedger, Behaviour, Behaviours, Ledgers};
use crate::config::{Bank, Config, Institution, LinkAddress, Node};
use crate::error::Error;
use crate::institution::{Heard, InstitutionBehaviour, NoticeServer};
use crate::link::{Link, serve_link};
use crate::serve::Serve;
use crate::target::Target;
use crate::thread::{ThreadMeter, local_runtime, pin, stand_back};
use crate::wire::{Desk, Speaker, VerifyShare};
use clearway_codec::InstitutionId;
use clearway_crypto::Suite;
use parking_lot::Mutex;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// Where the counterparties run, and what they spare themselves.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement {
    /// Threads that share the banks and institutions among them; at least 1.
    pub threads: usize,
    /// Cores that the threads are pinned to, in turn; empty = not pinned.
    pub pin_cores: Vec<usize>,
    /// Share of the switch's messages whose signature is checked, 0 to 1; which ones is drawn by the behaviours' seed.
    pub verify_share: f64,
}

impl Default for Placement {
    fn default() -> Self {
        Self { threads: 1, pin_cores: Vec::new(), verify_share: 1.0 }
    }
}

/// Running banks and institutions. Dropping it stops them.
#[derive(Debug)]
pub struct Counterparties {
    banks: Vec<Arc<BankState>>,
    heard: Arc<Mutex<Heard>>,
    target: Target,
    /// By bank, then by institution, in the order of the configuration.
    links: Vec<Vec<Link>>,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<Result<(), Error>>>,
    meters: Vec<ThreadMeter>,
}

impl Counterparties {
    /// Starts every bank and institution of the configuration on one thread.
    ///
    /// # Errors
    /// A behaviour or share is out of range, an address cannot be bound, a thread cannot be started.
    pub fn start(config: &Config, behaviours: &Behaviours) -> Result<Self, Error> {
        Self::start_at(config, behaviours, &Placement::default())
    }

    /// The same, on threads and cores of choice.
    ///
    /// # Errors
    /// As [`Counterparties::start`].
    pub fn start_at(config: &Config, behaviours: &Behaviours, placement: &Placement) -> Result<Self, Error> {
        behaviours.check()?;
        if !(0.0..=1.0).contains(&placement.verify_share) {
            return Err(Error::Behaviour(format!("verify share {}: not between 0 and 1", placement.verify_share)));
        }
        let heard = Arc::new(Mutex::new(Heard::default()));
        // A configuration may be written before the node has its address; see `target`.
        let target = config.target.parse().unwrap_or_else(|_| Target::new(([127, 0, 0, 1], 0).into(), "/preSvr"));
        let manners = (behaviours.institutions, behaviours.seed);
        let verify_share = VerifyShare { share: placement.verify_share, seed: behaviours.seed };
        let share = |_| Share::new(config, &target, manners, verify_share);
        let mut shares: Vec<Share> = (0..placement.threads.max(1)).map(share).collect();
        let count = shares.len();
        let (mut banks, mut links) = (Vec::new(), Vec::new());
        for (place, bank) in config.banks.iter().enumerate() {
            let id = bank.identity.id;
            let state = Arc::new(BankState::new(id, place, behaviours.seed, behaviours.of(id.as_str()).clone()));
            let listeners = bind_all(id, &bank.name, &bank.links)?;
            links.push(listeners.iter().map(|(link, _)| link.clone()).collect());
            shares[place % count].banks.push((bank.clone(), Arc::clone(&state), listeners));
            banks.push(state);
        }
        for (place, institution) in config.institutions.iter().enumerate() {
            let listeners = bind_all(institution.identity.id, &institution.name, &institution.links)?;
            links.push(listeners.iter().map(|(link, _)| link.clone()).collect());
            shares[place % count].institutions.push((institution.clone(), Arc::clone(&heard), listeners));
        }
        let stop = watch::Sender::new(false);
        let cores = placement
            .pin_cores
            .iter()
            .copied()
            .map(Some)
            .chain([None].into_iter().filter(|_| placement.pin_cores.is_empty()))
            .cycle();
        let meters: Vec<ThreadMeter> = (0..count).map(|_| ThreadMeter::default()).collect();
        let threads = shares
            .into_iter()
            .zip(cores)
            .zip(&meters)
            .map(|((share, core), meter)| share.spawn(core, meter.clone(), stop.subscribe()))
            .collect::<Result<_, _>>()?;
        Ok(Self { banks, heard, target, links, stop, threads, meters })
    }

    /// Bound address of each bank's first link, in the order of the configuration.
    pub fn bank_addresses(&self) -> Vec<SocketAddr> {
        first_addresses(&self.links[..self.banks.len()])
    }

    /// Bound address of the first link of each institution's notice desk, in the order of the configuration.
    pub fn institution_addresses(&self) -> Vec<SocketAddr> {
        first_addresses(&self.links[self.banks.len()..])
    }

    /// Every link: the banks' first, in the order of the configuration.
    pub fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().flatten()
    }

    /// One link of a bank or an institution by its name; the only one of a participant that names none is `main`.
    pub fn link(&self, participant: InstitutionId, name: &str) -> Option<&Link> {
        self.links().find(|link| link.participant() == participant && link.name() == name)
    }

    /// What the banks have booked and the institutions were notified of, as it is now.
    pub fn ledgers(&self) -> Ledgers {
        let banks: Vec<BankLedger> = self.banks.iter().map(|bank| bank.ledger()).collect();
        let Heard { notices, ends } = self.heard.lock().clone();
        Ledgers { banks, notices, ends }
    }

    /// Where the banks send what they start by themselves: the configuration's target. Moving it moves them.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What each bank has seen, in the order of the configuration.
    pub fn bank_counts(&self) -> Vec<(InstitutionId, BankCounts)> {
        self.banks.iter().map(|bank| (bank.id, bank.counts())).collect()
    }

    /// User and system time that the threads of all banks and institutions have used so far.
    pub fn cpu(&self) -> Duration {
        self.meters.iter().map(ThreadMeter::read).sum()
    }

    /// A handle on the behaviours, for another thread.
    pub fn behaviour_switch(&self) -> BehaviourSwitch {
        BehaviourSwitch(self.banks.clone())
    }

    /// Changes the behaviour of one bank from its next request on. Whether there is such a bank.
    ///
    /// # Errors
    /// The behaviour is out of range.
    pub fn set_behaviour(&self, bank: InstitutionId, behaviour: Behaviour) -> Result<bool, Error> {
        self.behaviour_switch().set(bank, behaviour)
    }

    /// No bank ends anything by itself any more; what it has started goes on. For a run that is to come to rest.
    pub fn calm(&self) {
        self.banks.iter().for_each(|bank| bank.calm());
    }

    /// Changes the behaviour of all banks.
    ///
    /// # Errors
    /// The behaviour is out of range.
    pub fn set_all_behaviours(&self, behaviour: &Behaviour) -> Result<(), Error> {
        behaviour.check()?;
        self.banks.iter().for_each(|bank| bank.set_behaviour(behaviour.clone()));
        Ok(())
    }
}

impl Drop for Counterparties {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        for thread in self.threads.drain(..) {
            // A panic in a bank's thread has been printed by then; dropping must not panic again.
            let _ = thread.join();
        }
    }
}

/// Changes behaviours from any thread.
#[derive(Debug, Clone)]
pub struct BehaviourSwitch(Vec<Arc<BankState>>);

impl BehaviourSwitch {
    /// Changes one bank's. Whether there is such a bank.
    ///
    /// # Errors
    /// The behaviour is out of range.
    pub fn set(&self, bank: InstitutionId, behaviour: Behaviour) -> Result<bool, Error> {
        behaviour.check()?;
        let state = self.0.iter().find(|state| state.id == bank);
        if let Some(state) = state {
            state.set_behaviour(behaviour);
        }
        Ok(state.is_some())
    }
}

fn first_addresses(links: &[Vec<Link>]) -> Vec<SocketAddr> {
    links.iter().filter_map(|links| links.first()).map(Link::address).collect()
}

/// A participant's links, bound.
type Listeners = Vec<(Link, TcpListener)>;

fn bind_all(participant: InstitutionId, who: &str, links: &[LinkAddress]) -> Result<Listeners, Error> {
    let bind = |link: &LinkAddress| {
        let (listener, address) = bind(who, link.listen)?;
        Ok((Link::new(participant, &link.name, address), listener))
    };
    links.iter().map(bind).collect()
}

fn bind(who: &str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let fault = |source| Error::Listen { who: who.into(), address, source };
    let listener = TcpListener::bind(address).map_err(fault)?;
    listener.set_nonblocking(true).map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

/// What one thread serves.
struct Share {
    suite: Suite,
    node: Node,
    target: Target,
    /// How the institutions behave, and the seed of their draws.
    manners: (InstitutionBehaviour, u64),
    verify_share: VerifyShare,
    banks: Vec<(Bank, Arc<BankState>, Listeners)>,
    institutions: Vec<(Institution, Arc<Mutex<Heard>>, Listeners)>,
}

impl Share {
    fn new(config: &Config, target: &Target, manners: (InstitutionBehaviour, u64), verify_share: VerifyShare) -> Self {
        let (suite, node, target) = (config.suite, config.node.clone(), target.clone());
        Self { suite, node, target, manners, verify_share, banks: Vec::new(), institutions: Vec::new() }
    }

    fn spawn(
        self,
        core: Option<usize>,
        meter: ThreadMeter,
        stop: watch::Receiver<bool>,
    ) -> Result<JoinHandle<Result<(), Error>>, Error> {
        let serve = move || {
            let _metered = meter.meter();
            pin(core);
            // Who is free to run anywhere has no sender beside it, and would only starve on a busy machine.
            if core.is_some() {
                stand_back();
            }
            local_runtime()?.block_on(self.serve(stop))
        };
        let thread = std::thread::Builder::new().name("loadgen-banks".into()).spawn(serve);
        thread.map_err(|error| Error::Start("the banks' thread", error))
    }

    async fn serve(self, mut stop: watch::Receiver<bool>) -> Result<(), Error> {
        let desk = Desk::open(self.suite, self.verify_share);
        for (bank, state, listeners) in self.banks {
            let (node, target) = (self.node.clone(), self.target.clone());
            let speaker = bank.identity.tls.clone();
            let server = BankServer::new(state, bank.identity, node, target, Rc::clone(&desk));
            server.begin();
            serve_links(listeners, &speaker, &server)?;
        }
        for (institution, heard, listeners) in self.institutions {
            let (node, desk) = (self.node.clone(), Rc::clone(&desk));
            let speaker = institution.identity.tls.clone();
            let server = Rc::new(NoticeServer::new(institution.identity, node, self.manners, heard, desk));
            serve_links(listeners, &speaker, &server)?;
        }
        // An error means that the owner is gone, which is a stop as well.
        let _ = stop.wait_for(|stop| *stop).await;
        Ok(())
    }
}

fn serve_links<S: Serve>(listeners: Listeners, speaker: &Speaker, server: &Rc<S>) -> Result<(), Error> {
    for (link, listener) in listeners {
        let listener =
            tokio::net::TcpListener::from_std(listener).map_err(|error| Error::Start("a listener", error))?;
        tokio::task::spawn_local(serve_link(listener, link, speaker.clone(), Rc::clone(server)));
    }
    Ok(())
}
