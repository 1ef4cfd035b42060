//! Both sides of one measurement: a node in a process of its own, and the world around it in this one.
//!
//! ```text
//!  this process                                      child, on its own core
//!  Run (open loop) ------ 127.0.0.1 ---------------> node --- journal on disk
//!  banks, institutions <- 127.0.0.1 ------- legs ---- |
//!  Admin <--------------- 127.0.0.1 ------ /status ---'
//! ```
//!
//! Invariant: the node ends with its [`Rig`], and with this process however that ends. Called by the demo and by the floors.

mod admin;
mod agreements;
mod arguments;
mod links;
mod node;
mod place;
mod registry;
mod run;
mod temper;
mod trial;

pub use admin::{Admin, JournalStatus, NodeStatus, Quantiles};
pub use arguments::RunArguments;
pub use links::{ACTIVE, STANDBY};
pub use node::{HIDDEN_COMMAND, NodeProcess, die_with_parent};
pub use place::{Place, Setup, Transport};
pub use registry::Registry;
pub use temper::Temper;
pub(crate) use trial::modest_rate;
pub use trial::{Load, Trial, Window};

use std::time::Duration;

use clearway_loadgen::target::Target;
use clearway_loadgen::{Config as LoadConfig, Counterparties, Placement, agreements_csv};

use crate::cpu::Cores;
use crate::disk::Scratch;
use crate::error::Error;

/// Longest start of a node with nothing to recover.
const START_MAX: Duration = Duration::from_secs(60);
/// A port that was free may be taken before it is used; then everything is written again.
const ATTEMPTS: usize = 5;

/// A running node and its counterparties.
#[derive(Debug)]
pub struct Rig {
    // Dropped in this order: first the node, then those it talks to, then its files.
    node: NodeProcess,
    counterparties: Counterparties,
    config: LoadConfig,
    target: Target,
    cores: Cores,
    place: Place,
    transport: Transport,
    verify_share: f64,
}

impl Rig {
    /// Writes a configuration into `scratch`, starts banks and institutions in this process and the node in its own.
    ///
    /// # Errors
    /// No files, no ports, no node.
    pub fn start(setup: &Setup, scratch: &Scratch, cores: &Cores) -> Result<Self, Error> {
        let mut attempt = 1;
        loop {
            match Self::try_start(setup, scratch, cores) {
                Err(Error::Load(clearway_loadgen::Error::Listen { .. })) if attempt < ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn try_start(setup: &Setup, scratch: &Scratch, cores: &Cores) -> Result<Self, Error> {
        let place = Place::write(setup, scratch)?;
        let mut config = LoadConfig::load(&place.loadgen)?;
        agreements::settle_parties(setup, &mut config);
        agreements::load(setup, &place, &config)?;
        let placement = Placement {
            threads: cores.bank_cores().len().max(1),
            pin_cores: cores.bank_cores(),
            verify_share: setup.verify_share,
        };
        let behaviours = match &setup.mix_file {
            Some(file) => file.behaviours(&config)?,
            None => setup.temper.behaviours(&config, setup.seed),
        };
        let counterparties = Counterparties::start_at(&config, &behaviours, &placement)?;
        let node = NodeProcess::start(&place.config, &cores.node_cores(), &place.log, START_MAX)?;
        counterparties.target().set(node.listen());
        if setup.agreements == 0 {
            // Else the node has loaded them.
            node.admin().import_agreements(&agreements_csv(&config, config.agreements))?;
        }
        let target = Target::new(node.listen(), "/preSvr");
        Ok(Self {
            node,
            counterparties,
            config,
            target,
            cores: cores.clone(),
            place,
            transport: setup.transport,
            verify_share: setup.verify_share,
        })
    }

    /// The node's process.
    pub fn node(&mut self) -> &mut NodeProcess {
        &mut self.node
    }

    /// The node's operator door.
    pub fn admin(&self) -> Admin {
        self.node.admin()
    }

    /// Everybody else.
    pub fn counterparties(&self) -> &Counterparties {
        &self.counterparties
    }

    /// Who they are.
    pub fn config(&self) -> &LoadConfig {
        &self.config
    }

    /// Where its files are.
    pub fn place(&self) -> &Place {
        &self.place
    }
}
