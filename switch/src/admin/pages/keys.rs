//! Keys: read again while the node runs.

use super::super::hooks::{Answer, Call, Pages};
use crate::error::Error;

/// Loads signature and encryption keys anew and swaps them, or leaves the old ones and says why. Returns a line to show.
pub type Reload = Box<dyn Fn() -> Result<String, Error> + Send + Sync>;

/// The pages, and what they stand on.
pub struct KeyPages {
    /// Run by `POST /keys/reload`.
    pub reload: Reload,
}

impl std::fmt::Debug for KeyPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyPages").finish_non_exhaustive()
    }
}

impl Pages for KeyPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        Some(match (self.reload)() {
            Ok(line) => {
                tracing::info!(by = %call.by, result = %line, "keys reloaded");
                Answer::text(200, format!("{line}\n"))
            }
            Err(error) => {
                tracing::error!(by = %call.by, %error, "keys not reloaded, the old ones stay");
                Answer::text(500, format!("keys not reloaded, the old ones stay: {error}\n"))
            }
        })
    }
}
