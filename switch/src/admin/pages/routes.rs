//! Over which channels legs go: the table in force and its channels, changes of it, and why an example would go where.

use std::sync::Arc;

use serde_json::json;

use super::super::hooks::{Answer, Call, Pages};
use crate::clock::Clock;
use crate::domain::business::rules;
use crate::domain::route::{Asked, Why};
use crate::routing::{Example, Request, Router, Setting};
use crate::settings::Record;

/// Decides on a leg as it would be now; nothing is changed by it.
pub type Explain = Box<dyn Fn(&Asked) -> Why + Send + Sync>;

/// The pages, and what they stand on.
pub struct RoutePages {
    /// What is shown and changed.
    pub router: Arc<Router>,
    /// Answers `/routes/why`.
    pub explain: Explain,
    /// Journals a change before it is in force.
    pub record: Arc<Record>,
    /// When a change is made.
    pub clock: Clock,
}

impl std::fmt::Debug for RoutePages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoutePages").finish_non_exhaustive()
    }
}

impl Pages for RoutePages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let now_us = self.clock.now_micros();
        match (call.path.as_str(), call.is_get()) {
            ("/routes", true) => Some(Answer::json(self.router.to_json(now_us))),
            ("/routes", false) => Some(self.change(&call.body, now_us)),
            ("/routes/why", true) => Some(self.why(&call.query)),
            _ => None,
        }
    }
}

impl RoutePages {
    fn change(&self, body: &[u8], now_us: u64) -> Answer {
        let record = |setting: &Setting| (self.record)(setting.image());
        let made = Request::parse(body).and_then(|request| self.router.change(&request, now_us, &record));
        if let Ok(setting) = &made {
            // The table may be long, and what it says is in the journal: the log says that there is a new one.
            tracing::info!(version = setting.version(), by = %setting.by, "routes changed");
            let (version, by, at_us) = (setting.version(), &setting.by, setting.at_us);
            let made = json!({ "version": version, "by": by, "at_us": at_us, "change": { "table": version } });
            return Answer::json(made.to_string());
        }
        Answer::change(made)
    }

    fn why(&self, query: &str) -> Answer {
        let asked = Example::from_query(query).and_then(|example| self.router.asked(&example));
        match asked {
            Ok(asked) => {
                let why = (self.explain)(&asked);
                let unreachable = rules(asked.business).leg(asked.leg).map_or(*b"ES000099", |leg| leg.unreachable);
                let refusal = why.chosen.is_none().then(|| why.refusal(unreachable));
                let refusal = refusal.map(|code| String::from_utf8_lossy(&code).into_owned());
                let lines = why.lines(&|index| self.router.id(index));
                Answer::json(json!({ "why": why, "lines": lines, "refusal": refusal }).to_string())
            }
            Err(error) => Answer::error(400, &error.to_string()),
        }
    }
}
