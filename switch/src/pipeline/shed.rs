//! Load shedding: how this burst went, and what may come in until the next one.

use clearway_codec::catalogue::MessageType;
use clearway_codec::value::{Direction, ReturnCode};

use super::drafts::Drafts;
use super::worker::Worker;
use crate::domain::overload::Turn;
use crate::metrics::{Count, Level, Stage, thread_cpu_ns};
use crate::net::Reply;

impl Worker {
    /// Tells the load shedding how this burst went, and the inbox what may come in until the next one.
    pub(super) fn balance(&mut self, now_us: u64) {
        self.watch.lap(Stage::Queue);
        let cpu_ns = thread_cpu_ns();
        let busy_ns = cpu_ns.saturating_sub(self.cpu_ns);
        self.cpu_ns = cpu_ns;
        self.metrics.spent(&self.spent.settle(busy_ns));
        self.cost.add(busy_ns, std::mem::take(&mut self.finished));
        let refused = u32::try_from(self.inbox.take_shed()).unwrap_or(u32::MAX);
        let turn = Turn {
            now_us,
            loop_us: busy_ns / 1_000,
            cost_ns: self.cost.ns(),
            admitted: std::mem::take(&mut self.admitted),
            refused,
        };
        let admit_more = self.overload.observe(turn);
        let limit =
            if admit_more == u32::MAX { None } else { self.shed_reply(now_us).map(|reply| (admit_more, reply)) };
        self.inbox.shed(limit);
        for _ in 0..refused {
            self.metrics.refused(ReturnCode::PS500001.as_bytes());
        }
        self.metrics.count(Count::Bursts);
        self.metrics.set(Level::InFlightPayments, self.flights.len());
        self.metrics.set(Level::TimersArmed, self.wheel.len());
    }

    /// The refusal of early shedding says nothing about the message it answers, so one signature serves for a second.
    fn shed_reply(&mut self, now_us: u64) -> Option<Reply> {
        let second = now_us / 1_000_000;
        if self.shed_refusal.as_ref().is_none_or(|(signed_in, _)| *signed_in != second) {
            let writer = self.writer(now_us);
            let mut drafts = Drafts::default();
            let draft =
                drafts.add(|out| writer.refusal(out, ReturnCode::PS500001, None, Direction::SWITCH_TO_PI)).ok()?;
            let signed = drafts.sign(&self.shared.backends, &self.shared.signing_key).ok()?;
            self.shed_refusal = Some((second, signed.get(draft)));
        }
        let (_, body) = self.shed_refusal.as_ref()?;
        Some(Reply::message(MessageType::Epcc303, body.clone()))
    }
}
