//! Who may send what, how much, when: what is in force, and changes of it.

use std::sync::Arc;

use super::super::hooks::{Answer, Call, Pages};
use crate::admission::{Admission, Request, Setting};
use crate::clock::Clock;
use crate::settings::{Record, Refusal};

/// The pages, and what they stand on.
pub struct AdmissionPages {
    /// What is shown and changed.
    pub admission: Arc<Admission>,
    /// Journals a change before it is in force.
    pub record: Arc<Record>,
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
    fn change(&self, request: Result<Request, Refusal>, now_us: u64) -> Answer {
        let record = |setting: &Setting| (self.record)(setting.image());
        Answer::change(request.and_then(|request| self.admission.change(&request, now_us, &record)))
    }
}
