//! What the operator sees and changes through the admin server, put together from the parts of the node.

use std::sync::Arc;

use super::desk::register_pages;
use crate::admin::Operator;
use crate::config::Config;
use crate::pipeline::Shared;
use crate::recovery::Memory;

/// The operator's part of the door.
pub(super) fn operator(config: &Config, shared: &Arc<Shared>, memory: &Memory) -> Operator {
    let digester = Arc::clone(shared);
    let registers = register_pages(
        memory,
        Arc::clone(&shared.journal),
        config.participants.clone(),
        Box::new(move |text: &str| digester.sealer.digest(text)),
        shared.clock.clone(),
    );
    let (registrar, clock) = (Arc::clone(&registers.registrar), shared.clock.clone());
    Operator {
        admission: Arc::clone(&shared.admission),
        record: Box::new(move |setting| registrar.record_setting(clock.now_micros(), setting)),
        registers: Arc::new(registers),
        operations: Arc::clone(&shared.board),
        clock: shared.clock.clone(),
    }
}
