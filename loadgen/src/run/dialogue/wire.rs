//! Institutions' signed messages: composed ahead, answers verified, fates tracked.

use super::Dialogue;
use super::learn::{learn, remember};
use crate::answer::{AnswerFault, AnswerReader};
use crate::compose::{Composer, Prepared};
use crate::config::{Config, Identity};
use crate::constants::PREPARE_BURST;
use crate::error::Error;
use crate::history::{History, Sent};
use crate::kind::Kind;
use crate::plan::Plan;
use crate::run::outcome::Outcome;
use crate::schedule::Due;
use crate::tracker::Tracker;
use crate::wire::{Desk, Exchange, ExchangeFault, Outgoing, Speaker, VerifyShare};
use http::HeaderValue;
use std::cell::RefCell;
use std::sync::Arc;

/// What all institutions of a run say and know.
pub(in crate::run) struct WireDialogue {
    suites: String,
    /// Signatures that its backend makes at once.
    lanes: usize,
    run_number: u32,
    /// Banks whose transactions do not count in latencies.
    apart: Vec<u16>,
    /// Whether sent messages may be sent once more.
    repeats: bool,
    composer: RefCell<Composer>,
    history: RefCell<History>,
    tracker: RefCell<Tracker>,
    answers: AnswerReader,
    callers: Vec<Caller>,
}

/// An institution, as its requests need it.
struct Caller {
    /// OriIssrId.
    header: HeaderValue,
    speaker: Speaker,
}

impl WireDialogue {
    /// On the run's thread.
    pub(in crate::run) fn open(plan: &Plan, config: &Config, composer: Composer, run_number: u32) -> Self {
        let desk = Desk::open(config.suite, VerifyShare { share: plan.verify_share, seed: plan.seed });
        let expected = plan.profile.expected(plan.duration) as usize;
        Self {
            suites: config.suite_names(),
            lanes: desk.backends().lanes(config.suite),
            run_number,
            apart: plan.apart.clone(),
            repeats: plan.mix.repeats(),
            history: RefCell::default(),
            tracker: RefCell::new(Tracker::new(run_number, Arc::new(config.roster()), expected)),
            callers: config.institutions.iter().map(|institution| caller(&institution.identity)).collect(),
            composer: RefCell::new(composer),
            answers: AnswerReader::new(config.node.clone(), desk),
        }
    }

    fn caller(&self, request: &Prepared) -> &Caller {
        &self.callers[usize::from(request.order.institution)]
    }
}

fn caller(identity: &Identity) -> Caller {
    Caller {
        header: HeaderValue::from_bytes(identity.id.as_bytes()).unwrap_or(HeaderValue::from_static("")),
        speaker: identity.tls.clone(),
    }
}

impl Dialogue for WireDialogue {
    type Request = Prepared;

    fn burst(&self) -> usize {
        self.lanes.clamp(1, PREPARE_BURST)
    }

    fn compose(&self, due: &[Due]) -> Result<Vec<Prepared>, Error> {
        self.composer.borrow_mut().prepare(due, &mut self.history.borrow_mut())
    }

    fn due_ns(request: &Prepared) -> u64 {
        request.due_ns
    }

    fn kind(request: &Prepared) -> Kind {
        request.kind
    }

    fn is_timed(&self, request: &Prepared) -> bool {
        let banks = [request.order.debit_bank, request.order.credit_bank];
        !self.apart.iter().any(|bank| banks.contains(bank))
    }

    fn is_forbidden(&self, request: &Prepared) -> bool {
        request.order.is_forbidden
    }

    /// With TLS a connection speaks for one institution.
    fn groups(&self) -> usize {
        let is_tls = self.callers.iter().any(|caller| caller.speaker.is_some());
        if is_tls { self.callers.len() } else { 1 }
    }

    fn group(&self, request: &Prepared) -> usize {
        usize::from(request.order.institution) % self.groups()
    }

    fn speaker(&self, request: &Prepared) -> &Speaker {
        &self.caller(request).speaker
    }

    fn outgoing(&self, request: &Prepared) -> Outgoing {
        Outgoing::message(request.message_type.code(), self.caller(request).header.clone(), request.body.clone())
    }

    fn note_sent(&self, request: &Prepared) {
        if !request.kind.is_tracked() {
            return;
        }
        self.tracker.borrow_mut().send(request.id, request.order);
        if self.repeats && request.kind != Kind::Duplicate {
            let Prepared { id, order, message_type, body, .. } = request.clone();
            self.history.borrow_mut().sent.push(Sent { id, order, message_type, body });
        }
    }

    async fn understand(&self, request: &Prepared, exchange: Result<Exchange, ExchangeFault>) -> Outcome {
        let exchange = match exchange {
            Ok(exchange) => exchange,
            Err(fault) => return Outcome::Failed(fault),
        };
        match self.answers.read(exchange).await {
            Ok(answer) if answer.is_for(request.id, request.kind, request.message_type) => Outcome::Answered(answer),
            Ok(_) => Outcome::Unusable(AnswerFault::Unasked),
            Err(fault) => Outcome::Unusable(fault),
        }
    }

    /// Tells the tracker what the institution has learnt, and remembers what later requests can refer to.
    fn learn(&self, request: &Prepared, outcome: &Outcome) {
        let is_news = learn(&mut self.tracker.borrow_mut(), request.kind, request.id, outcome);
        if let Outcome::Answered(answer) = outcome {
            remember(&mut self.history.borrow_mut(), request, answer, is_news);
        }
    }

    fn suites(&self) -> Option<String> {
        Some(self.suites.clone())
    }

    fn take_tracker(&self) -> Tracker {
        self.tracker.replace(Tracker::new(self.run_number, Arc::default(), 0))
    }
}
