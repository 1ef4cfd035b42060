//! Who may send what, how much, when: what is in force, and changes of it.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Pages};
use crate::admission::{Admission, Refusal, Request, Setting};
use crate::clock::Clock;
use crate::error::Error;

/// Makes a setting durable before it answers; the last one of each key must come back after a restart.
pub type Record = Box<dyn Fn(&Setting) -> Result<(), Error> + Send + Sync>;

/// The pages, and what they stand on.
pub struct AdmissionPages {
    /// What is shown and changed.
    pub admission: Arc<Admission>,
    /// Journals a change before it is in force.
    pub record: Record,
    /// When a change is made.
    pub clock: Clock,
}

impl std::fmt::Debug for AdmissionPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdmissionPages").finish_non_exhaustive()
    }
}

impl Pages for AdmissionPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let now_us = self.clock.now_micros();
        Some(match (call.path.as_str(), call.is_get()) {
            ("/participants", _) => Answer::json(self.admission.participants_json(now_us)),
            ("/limits", true) => Answer::json(self.admission.limits_json()),
            ("/limits", false) => self.change(Request::limit(&call.body), now_us),
            ("/maintenance", true) => Answer::json(self.admission.maintenance_json(now_us)),
            ("/maintenance", false) => self.change(Request::maintenance(&call.body), now_us),
            (path, _) => {
                let id = path.strip_prefix("/participants/")?;
                self.change(Request::participant(id, &call.body), now_us)
            }
        })
    }
}

impl AdmissionPages {
    /// Makes a change, and writes into the log who made it.
    fn change(&self, request: Result<Request, Refusal>, now_us: u64) -> Answer {
        let made = request.and_then(|request| self.admission.change(&request, now_us, &*self.record));
        match made {
            Ok(setting) => {
                let text = String::from_utf8_lossy(&setting.encode()).into_owned();
                tracing::info!(setting = %text, "setting changed");
                Answer::json(text)
            }
            Err(refusal) => {
                tracing::warn!(%refusal, "setting not changed");
                let status = match refusal {
                    Refusal::Malformed(_) => 400,
                    Refusal::Unknown(_) => 404,
                    Refusal::NotRecorded(_) => 503,
                };
                Answer::error(status, &refusal.to_string())
            }
        }
    }
}
