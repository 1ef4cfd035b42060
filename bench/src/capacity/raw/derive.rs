//! From raw files to measurements: pure.

use clearway_loadgen::slo::{Observed, Slo};

use super::{Axis, Raw, RawRun};
use crate::capacity::model::held;
use crate::capacity::model::measurements::{
    BooksFigure, CorePoint, FORMAT, Floors, Measurements, Setting, Step, SyncTimes, Usage, Variant,
};
use crate::error::Error;
use crate::rig::Quantiles;

impl Raw {
    /// What the model counts with.
    ///
    /// # Errors
    /// The objective cannot be read.
    pub fn measurements(&self) -> Result<Measurements, Error> {
        let slo: Slo = self.request.slo.parse()?;
        let steps = self.steps(&slo);
        let cores = self.cores(&slo, &steps);
        let stages = held(&steps).0.and_then(|best| self.run(&best.name)?.record.stages.clone());
        Ok(Measurements {
            format: FORMAT.to_owned(),
            quick: self.course.quick,
            seed: self.course.seed,
            machine: self.course.machine.clone(),
            setting: self.setting(),
            cores,
            suites: self.variants(Axis::Suites, &slo),
            transports: self.variants(Axis::Transports, &slo),
            durabilities: self.variants(Axis::Durability, &slo),
            floors: self.floors_with_disk(),
            stages,
            books: self.books.as_ref().map(books_figure),
            skipped: self.course.skipped.clone(),
            steps,
        })
    }

    fn run(&self, name: &str) -> Option<&RawRun> {
        self.runs.iter().find(|(of, _)| of == name).map(|(_, run)| run)
    }

    fn of(&self, axis: Axis) -> impl Iterator<Item = &(String, RawRun)> {
        self.runs.iter().filter(move |(_, run)| run.axis == axis)
    }

    fn steps(&self, slo: &Slo) -> Vec<Step> {
        let mut steps: Vec<Step> = self.of(Axis::Steps).map(|(name, run)| step(name, run, slo)).collect();
        steps.sort_by(|one, other| one.offered_per_s.total_cmp(&other.offered_per_s));
        steps
    }

    /// The steps of load stand for the cores that they ran on; the highest that held of each further number.
    fn cores(&self, slo: &Slo, steps: &[Step]) -> Vec<CorePoint> {
        let mut points: Vec<CorePoint> =
            held(steps).0.map(|best| core_point(best, self.course.machine.node_cores)).into_iter().collect();
        let mut counts: Vec<u32> = self.of(Axis::Cores).map(|(_, run)| run.node_cores).collect();
        counts.sort_unstable();
        counts.dedup();
        for count in counts {
            let runs = self.of(Axis::Cores).filter(|(_, run)| run.node_cores == count);
            let steps: Vec<Step> = runs.map(|(name, run)| step(name, run, slo)).collect();
            points.extend(held(&steps).0.or_else(|| steps.first()).map(|best| core_point(best, count)));
        }
        points
    }

    fn variants(&self, axis: Axis, slo: &Slo) -> Vec<Variant> {
        let variant = |(name, run): &(String, RawRun)| {
            let floor = self.floors.signatures.iter().find(|floor| axis == Axis::Suites && floor.suite == run.value);
            Variant {
                name: value(axis, run),
                detail: detail(axis, run),
                crypto_floor_us: floor.map(|floor| 3.0 * (floor.sign_us + floor.verify_us)),
                step: step(name, run, slo),
            }
        };
        self.of(axis).map(variant).collect()
    }

    fn setting(&self) -> Setting {
        let Some((_, run)) = self.of(Axis::Steps).next() else { return Setting::default() };
        let journal = &run.window.status.journal;
        Setting {
            suite: run.record.report.suite.clone(),
            transport: run.transport.clone(),
            durability: journal.durability.clone(),
            journal_driver: journal.driver.clone(),
            mix: run.mix.clone(),
            verify_share: run.verify_share,
            institutions: run.institutions,
            banks: run.banks,
        }
    }

    fn floors_with_disk(&self) -> Floors {
        let stream = self.books.as_ref().map(|books| books.disk.write_mb_per_s * 1e6);
        Floors { disk_bytes_per_s: stream.filter(|rate| *rate > 0.0), ..self.floors.clone() }
    }
}

fn core_point(step: &Step, cores: u32) -> CorePoint {
    CorePoint {
        name: step.name.clone(),
        cores,
        rate_per_s: step.achieved_per_s,
        cpu_us_per_payment: step.usage.cpu_us_per_payment,
        invalid: step.invalid.iter().chain(&step.breaches).cloned().collect(),
    }
}

fn step(name: &str, run: &RawRun, slo: &Slo) -> Step {
    let report = &run.record.report;
    let observed = Observed::from(&run.record);
    Step {
        name: name.to_owned(),
        offered_per_s: run.offered_per_s,
        achieved_per_s: report.payments_per_second,
        seconds: report.window_seconds,
        response_us: report.response_us,
        service_us: report.service_us,
        internal_us: report.internal_us,
        in_flight_mean: run.window.in_flight_mean,
        error_share: observed.error_share(),
        usage: usage(run),
        breaches: slo.judge(&observed).failures(),
        invalid: run.doubts(),
    }
}

fn usage(run: &RawRun) -> Usage {
    let window = &run.window;
    let each = |bytes: f64| bytes / window.finals.max(1) as f64;
    // Loopback does not tell who sent what, and every message has an answer of about its size.
    let one_way = each(window.network_bytes.unwrap_or(0) as f64) / 2.0;
    Usage {
        cpu_us_per_payment: window.cpu_us_per_payment(),
        busy_cores: window.node_busy(),
        load_busy_cores: window.load_busy * f64::from(run.load_cores),
        journal_bytes_per_payment: each(window.journal_bytes as f64),
        syncs_per_payment: each(window.groups as f64),
        sync_us: sync_times(&window.status.journal.sync_us),
        resident_bytes: window.status.resident_bytes,
        received_bytes_per_payment: one_way,
        sent_bytes_per_payment: one_way,
    }
}

fn sync_times(seen: &Quantiles) -> SyncTimes {
    SyncTimes { p50: seen.p50 as f64, p99: seen.p99 as f64, max: seen.max as f64 }
}

/// As the headline's setting tells it.
fn value(axis: Axis, run: &RawRun) -> String {
    match axis {
        Axis::Durability => run.window.status.journal.driver.clone(),
        _ => run.value.clone(),
    }
}

fn detail(axis: Axis, run: &RawRun) -> String {
    let status = &run.window.status;
    match axis {
        Axis::Suites => status.backends.get(&run.value).map(|backend| format!("by {backend}")).unwrap_or_default(),
        Axis::Durability => status.journal.durability.clone(),
        Axis::Transports | Axis::Steps | Axis::Cores => String::new(),
    }
}

fn books_figure(books: &crate::books::Outcome) -> BooksFigure {
    BooksFigure {
        payments: books.payments,
        archive_bytes: books.archive_bytes(),
        statement_bytes: books.statement_bytes(),
        seal_seconds: books.seal_seconds,
        archive_seconds: books.archive_seconds,
        statement_seconds: books.statement_seconds,
        compression: books.compression.clone(),
    }
}
