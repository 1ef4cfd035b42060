//! One run of the course: how it is loaded, how it went, and what is kept of it.

use clearway_loadgen::Mix;
use clearway_loadgen::slo::Observed;

use super::Course;
use super::ladder::Went;
use super::timetable::Part;
use crate::capacity::raw::{Axis, RawRun};
use crate::cpu::Cores;
use crate::error::Error;
use crate::rig::{Load, Rig, Setup, Transport, Trial};

/// Connections of the load; a node takes 4,096 unless told otherwise.
const CONNECTIONS_MAX: usize = 1_024;
/// Requests that wait for a connection; beyond a second's worth a run has long broken its objective.
const BACKLOG_MAX: usize = 20_000;

/// Share of answers whose signature the load checks: what it saves goes into sending. The node checks every one.
const VERIFY_SHARE: f64 = 1.0 / 16.0;

/// What one run varies.
pub(super) struct Point<'a> {
    pub(super) part: Part,
    pub(super) axis: Axis,
    pub(super) value: String,
    pub(super) rate_per_s: f64,
    pub(super) setup: &'a Setup,
    pub(super) cores: &'a Cores,
}

impl Course<'_> {
    /// The headline's world: four institutions, six banks, plain HTTP, defaults of the node.
    pub(super) fn setup(&self) -> Setup {
        Setup { seed: self.arguments.seed, verify_share: VERIFY_SHARE, ..Setup::of(self.arguments.suite) }
    }

    /// Runs, keeps, and says how it went.
    pub(super) fn take(&mut self, rig: &mut Rig, point: &Point<'_>) -> Result<Went, Error> {
        let trial = rig.run(&self.load(point))?;
        let run = raw(&trial, point);
        let name = self.writer.add(&run, &trial.recording.intervals)?;
        let failures = self.slo.judge(&Observed::from(&run.record)).failures();
        let doubts = run.doubts();
        let went = match (doubts.is_empty(), failures.is_empty()) {
            (false, _) => Went::Unusable,
            (true, false) => Went::Broke,
            (true, true) => Went::Held,
        };
        eprintln!("{}", describe(&name, &run, went, &failures, &doubts));
        Ok(went)
    }

    fn load(&mut self, point: &Point<'_>) -> Load {
        let what = format!("{} {} at {:.0}/s", point.axis.name(), point.value, point.rate_per_s);
        Load {
            label: self.label(point.part, &what),
            rate_per_s: point.rate_per_s,
            warm_up: self.depth.warm_up,
            measured: self.depth.measured,
            mix: Mix::payments_only(),
            seed: self.arguments.seed,
            connections_max: CONNECTIONS_MAX,
            backlog_max: BACKLOG_MAX,
            signed_before: true,
            apart: Vec::new(),
        }
    }
}

fn raw(trial: &Trial, point: &Point<'_>) -> RawRun {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    RawRun {
        format: crate::capacity::raw::RUN_FORMAT.to_owned(),
        axis: point.axis,
        value: point.value.clone(),
        offered_per_s: point.rate_per_s,
        transport: match point.setup.transport {
            Transport::Plain => "plain",
            Transport::Tls => "tls",
        }
        .to_owned(),
        node_cores: count(point.cores.node_cores().len().max(1)),
        load_cores: count(point.cores.load_capacity()),
        institutions: count(point.setup.institutions),
        banks: count(point.setup.banks),
        mix: "payments=1".to_owned(),
        verify_share: point.setup.verify_share,
        record: trial.record(),
        window: trial.window.clone(),
        registry_differing: trial.registry.differing,
        limits: trial.limits(),
        disturbances: trial.disturbances(),
    }
}

fn describe(name: &str, run: &RawRun, went: Went, failures: &[String], doubts: &[String]) -> String {
    let report = &run.record.report;
    let figures = format!(
        "{name}: {:.0} of {:.0}/s, p99 {:.1} ms, {:.0} us of CPU a payment, node {:.0} % busy",
        report.payments_per_second,
        run.offered_per_s,
        report.response_us.p99 as f64 / 1e3,
        run.window.cpu_us_per_payment(),
        run.window.node_busy() * 100.0
    );
    match went {
        Went::Held => format!("{figures}, held"),
        Went::Broke => format!("{figures}, broke {}", failures.join(", ")),
        Went::Unusable => format!("{figures}, INVALID: {}", doubts.join("; ")),
    }
}
