//! What a run says to its target and what it makes of the answers. The loop around it (pacer, lanes, tally) is the same
//! for every dialogue.
//!
//! ```text
//! wire   institutions' signed messages, answers verified, fates tracked
//! bare   one HTTP request again and again, against any server
//! ```

mod bare;
mod learn;
mod wire;

pub(super) use bare::BareDialogue;
pub use bare::HttpRequest;
pub(crate) use learn::{is_refundable, learn};
pub(super) use wire::WireDialogue;

use super::outcome::Outcome;
use crate::error::Error;
use crate::kind::Kind;
use crate::schedule::Due;
use crate::tracker::Tracker;
use crate::wire::{Exchange, ExchangeFault, Outgoing, Speaker};

/// One side of an exchange of requests and answers, on the run's thread.
pub(super) trait Dialogue: 'static {
    /// A request that waits for its instant.
    type Request: 'static;

    /// How many signatures are best made or checked at once, 1 to [`PREPARE_BURST`](crate::constants::PREPARE_BURST). What gains nothing from bursts keeps
    /// the thread for one at a time.
    fn burst(&self) -> usize;

    /// The requests for these instants, at most [`PREPARE_BURST`](crate::constants::PREPARE_BURST), in their order.
    fn compose(&self, due: &[Due]) -> Result<Vec<Self::Request>, Error>;

    /// Intended instant of a request, in nanoseconds from the start of the run.
    fn due_ns(request: &Self::Request) -> u64;

    /// What a request is counted as.
    fn kind(request: &Self::Request) -> Kind;

    /// Whether its latency counts.
    fn is_timed(&self, request: &Self::Request) -> bool;

    /// Whether it asks for what the rules forbid, so that a refusal is the right answer.
    fn is_forbidden(&self, request: &Self::Request) -> bool;

    /// How many groups of requests there are that share no connection while more may be opened; at least 1.
    fn groups(&self) -> usize;

    /// The group of a request, below [`Dialogue::groups`].
    fn group(&self, request: &Self::Request) -> usize;

    /// Whom its connection speaks for.
    fn speaker(&self, request: &Self::Request) -> &Speaker;

    /// The request as it goes out.
    fn outgoing(&self, request: &Self::Request) -> Outgoing;

    /// It is about to leave.
    fn note_sent(&self, request: &Self::Request);

    /// What came of it.
    fn understand(
        &self,
        request: &Self::Request,
        exchange: Result<Exchange, ExchangeFault>,
    ) -> impl Future<Output = Outcome>;

    /// Keeps what later requests and the settlement can use.
    fn learn(&self, request: &Self::Request, outcome: &Outcome);

    /// Names of the suites of its signatures; `None` = nothing is signed.
    fn suites(&self) -> Option<String>;

    /// Everything that was learnt, at the end of the run.
    fn take_tracker(&self) -> Tracker;
}
