//! The operator's pages of the registers: agreements, mandates, cases.
//!
//! ```text
//! GET  /agreements            how many there are, and those on which an end has not acknowledged the last change
//! GET  /agreements/NUMBER     one agreement or mandate, by its number or its old one (percent-encoded)
//! POST /agreements/needed     {"customer","account","channels":[{"institution","bank"}]}: where is signing needed
//! POST /agreements/import     {"by","lines":[...]}: lines of an import file
//! GET  /cases                 cases that are not settled; ?all shows every one, ?batch=D... the adjustments of a dispute batch
//! GET  /cases/KEY             one case, by the TrxId that it is about
//! POST /cases/KEY             {"by","direction","amount"}: an adjustment from the console
//! ```
//!
//! Invariant: what is counted as done is durable; account numbers and identities that come in are digested and forgotten.
//! Called by the operator's calls, and by the command line on a node that is stopped.

mod agreements;
mod cases;
mod show;

use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::hooks::{Answer, Call, Pages};
use crate::clock::Clock;
use crate::config::Participants;
use crate::domain::Payment;
use crate::error::{Error, Fault};
use crate::positions::Live;
use crate::registrar::{History, Names, Registrar};

/// Longest list in one answer.
const LIST_MAX: usize = 1_000;

/// The keyed digest of an account number or a customer's identity.
pub type Digest = Box<dyn Fn(&str) -> u64 + Send + Sync>;
/// The transaction with a key, from the table.
pub type FindPayment = Box<dyn Fn(u128) -> Option<Payment> + Send + Sync>;

/// The pages, and what they stand on.
pub struct RegisterPages {
    /// Reads and changes the registers.
    pub registrar: Arc<Registrar>,
    /// Keeps who made an adjustment.
    pub history: Arc<History>,
    /// The books that an adjustment comes into.
    pub positions: Arc<Live>,
    /// Who takes part.
    pub participants: Participants,
    /// Digests what comes in clear.
    pub digest: Digest,
    /// Finds what a case is about, and whether a notice is owed.
    pub find_payment: FindPayment,
    /// When a change is made.
    pub clock: Clock,
}

impl std::fmt::Debug for RegisterPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegisterPages").finish_non_exhaustive()
    }
}

impl Pages for RegisterPages {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let answered = match (call.path.as_str(), call.is_get()) {
            ("/agreements", true) => self.report(),
            ("/agreements/needed", false) => self.needed(&call.body),
            ("/agreements/import", false) => self.import(&call.body),
            ("/cases", true) => match call.query.strip_prefix("batch=") {
                Some(batch) => self.adjustments(batch),
                None => self.cases(call.query == "all"),
            },
            (path, true) if path.starts_with("/agreements/") => self.agreement(&path["/agreements/".len()..]),
            (path, is_get) => {
                let key = path.strip_prefix("/cases/")?;
                if is_get { self.case(key) } else { self.adjust(key, &call.body) }
            }
        };
        Some(answered.unwrap_or_else(|refusal| refusal))
    }
}

impl RegisterPages {
    fn names(&self) -> Names<'_> {
        Names { participants: &self.participants, digest: &*self.digest }
    }

    /// The id of a participant, or its index when the configuration has it no more.
    fn id(&self, index: u16) -> String {
        self.participants.get(index).map_or_else(|| index.to_string(), |participant| participant.id.to_string())
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Answer> {
    serde_json::from_slice(body).map_err(|error| Answer::error(400, &error.to_string()))
}

fn failed(error: Error) -> Answer {
    tracing::error!(%error, "registers not changed");
    let status = if error.fault() == Fault::Environment { 503 } else { 500 };
    Answer::error(status, &error.to_string())
}

fn not_found(what: &str) -> Answer {
    Answer::error(404, what)
}

/// A change is made by somebody, on a node that is stopped too.
fn check_author(by: &str) -> Result<(), Answer> {
    if by.trim().is_empty() { Err(Answer::error(400, "\"by\" names who makes the change")) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
