//! What the admin server may ask of the node: two closures and the metrics, so that it depends on neither pipeline
//! nor node.

use std::sync::Arc;

use crate::error::Error;
use crate::metrics::Metrics;

/// Whether the node takes payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, for this reason (starting, recovering, draining, journal stopped).
    NotReady(String),
}

/// The node behind the admin server. The closures run on the admin thread and may block it for a moment.
pub struct Hooks {
    /// Rendered by `/metrics` and `/status`.
    pub metrics: Arc<Metrics>,
    /// Asked by `/readyz`.
    pub ready: Box<dyn Fn() -> Readiness + Send + Sync>,
    /// Run by `POST /keys/reload`: loads signature and encryption keys anew and swaps them, or leaves the old ones
    /// and says why. Returns a line to show.
    pub reload_keys: Box<dyn Fn() -> Result<String, Error> + Send + Sync>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Hooks").finish_non_exhaustive()
    }
}
