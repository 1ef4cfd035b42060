//! What the operator sees and changes through the admin server, put together from the parts of the node.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::desk::register_pages;
use crate::admin::{
    AdmissionPages, Area, Hooks, KeyPages, NodePages, OperationsPages, Readiness, Ready, RegisterPages, Reload,
};
use crate::config::Config;
use crate::pipeline::Shared;
use crate::recovery::Memory;
use crate::settings::Record;

/// The parts that answer the door's pages.
pub(super) fn hooks(config: &Config, shared: &Arc<Shared>, memory: &Memory) -> Hooks {
    let registers = registers(config, shared, memory);
    let admission = AdmissionPages {
        admission: Arc::clone(&shared.admission),
        record: record(&registers, shared),
        clock: shared.clock.clone(),
    };
    Hooks {
        areas: vec![
            (Area::Node, Arc::new(NodePages { metrics: Arc::clone(&shared.metrics), ready: ready(shared) })),
            (Area::Keys, Arc::new(KeyPages { reload: reload(config, shared) })),
            (Area::Admission, Arc::new(admission)),
            (Area::Registers, Arc::new(registers)),
            (Area::Operations, Arc::new(OperationsPages { board: Arc::clone(&shared.board) })),
        ],
    }
}

fn registers(config: &Config, shared: &Arc<Shared>, memory: &Memory) -> RegisterPages {
    let digester = Arc::clone(shared);
    register_pages(
        memory,
        Arc::clone(&shared.journal),
        config.participants.clone(),
        Box::new(move |text: &str| digester.sealer.digest(text)),
        shared.clock.clone(),
    )
}

/// Makes a setting durable.
fn record(registers: &RegisterPages, shared: &Shared) -> Arc<Record> {
    let (registrar, clock) = (Arc::clone(&registers.registrar), shared.clock.clone());
    Arc::new(move |setting| registrar.record_setting(clock.now_micros(), setting))
}

fn ready(shared: &Arc<Shared>) -> Ready {
    let asked = Arc::clone(shared);
    Box::new(move || {
        if asked.draining.load(Ordering::Relaxed) {
            return Readiness::NotReady("draining".to_owned());
        }
        asked
            .journal
            .status()
            .poisoned
            .map_or(Readiness::Ready, |why| Readiness::NotReady(format!("the journal has stopped: {why}")))
    })
}

fn reload(config: &Config, shared: &Arc<Shared>) -> Reload {
    let (reloaded, keys) = (Arc::clone(shared), config.keys.clone());
    Box::new(move || {
        // All or nothing: nothing is swapped before everything is read.
        let (ring, envelope) = (keys.load_ring()?, keys.load_envelope_keys()?);
        let line = format!("{} keys and {} encryption keys loaded", ring.len(), envelope.encryption.len());
        reloaded.ring.store(ring);
        reloaded.sealer.replace(envelope);
        Ok(line)
    })
}
