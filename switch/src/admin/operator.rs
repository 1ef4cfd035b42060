//! The operator's calls: what is in force, and changes of it.

use http::Method;

use super::hooks::{Answer, Call, Operator};
use crate::admission::Request;
use crate::settings::Refusal;

/// The methods of a page of the operator; `None`: it is none of his.
pub(super) fn methods(path: &str) -> Option<&'static [Method]> {
    const READ: &[Method] = &[Method::GET];
    const CHANGE: &[Method] = &[Method::POST];
    const BOTH: &[Method] = &[Method::GET, Method::POST];
    let under = |page| path.strip_prefix(page).is_some_and(|rest| rest.starts_with('/'));
    match path {
        "/participants" | "/operations" => Some(READ),
        "/limits" | "/maintenance" | "/cases" | "/agreements" => Some(BOTH),
        _ if under("/participants") => Some(CHANGE),
        _ if under("/cases") || under("/agreements") => Some(BOTH),
        _ => None,
    }
}

impl Operator {
    /// Answers one call, of a method that its page has; `None`: there is no such page.
    pub(super) fn answer(&self, call: &Call) -> Option<Answer> {
        let now_us = self.clock.now_micros();
        Some(match (call.path.as_str(), call.method == Method::GET) {
            ("/operations", _) if call.wants_html => {
                Answer { status: 200, is_html: true, text: self.operations.to_html() }
            }
            ("/operations", _) => Answer::json(self.operations.to_json()),
            ("/participants", _) => Answer::json(self.admission.participants_json(now_us)),
            ("/limits", true) => Answer::json(self.admission.limits_json()),
            ("/limits", false) => self.change(Request::limit(&call.body), now_us),
            ("/maintenance", true) => Answer::json(self.admission.maintenance_json(now_us)),
            ("/maintenance", false) => self.change(Request::maintenance(&call.body), now_us),
            (path, _) => match path.strip_prefix("/participants/") {
                Some(id) => self.change(Request::participant(id, &call.body), now_us),
                None => self.registers.answer(call)?,
            },
        })
    }

    /// Makes a change, and writes into the log who made it.
    fn change(&self, request: Result<Request, Refusal>, now_us: u64) -> Answer {
        let made = request
            .and_then(|request| self.admission.change(&request, now_us, &|setting| (self.record)(setting.image())));
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
