//! How the node is: metrics, health, status. Never waits, so that it is answered however busy the node is.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Content, Pages};
use crate::metrics::Metrics;

/// Whether the node takes payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It does.
    Ready,
    /// It does not, for this reason (starting, recovering, draining, journal stopped).
    NotReady(String),
}

/// Asks the node whether it is ready; must not wait.
pub type Ready = Box<dyn Fn() -> Readiness + Send + Sync>;

/// The pages, and what they stand on.
pub struct NodePages {
    /// Rendered by `/metrics` and `/status`.
    pub metrics: Arc<Metrics>,
    /// Asked by `/readyz`.
    pub ready: Ready,
}

impl std::fmt::Debug for NodePages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NodePages").finish_non_exhaustive()
    }
}

impl Pages for NodePages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        Some(match call.path.as_str() {
            "/metrics" => Answer { status: 200, content: Content::Metrics, text: self.metrics.render() },
            "/healthz" => Answer::text(200, "alive\n"),
            "/readyz" => match (self.ready)() {
                Readiness::Ready => Answer::text(200, "ready\n"),
                Readiness::NotReady(reason) => Answer::text(503, format!("not ready: {reason}\n")),
            },
            "/status" => Answer::json(self.metrics.status().to_json()),
            "/status/reset-histogram" => {
                self.metrics.reset_histograms();
                tracing::info!(by = %call.by, "latencies of /status reset");
                Answer::text(200, "reset\n")
            }
            _ => return None,
        })
    }
}
