//! What a payment uses of each resource, where each ends, and which ends first.

use super::answer::Resource;
use super::measurements::{Measurements, Step};
use super::request::Request;

const SECONDS_PER_HOUR: f64 = 3_600.0;
const MICROS: f64 = 1e6;

/// One resource before the first to end is known.
#[derive(Debug, Default)]
struct Account {
    name: &'static str,
    per_payment: Option<f64>,
    unit: &'static str,
    capacity: Option<f64>,
    capacity_unit: &'static str,
    used_at_rated: Option<f64>,
    saturates_at_per_s: Option<f64>,
    remark: String,
}

/// All resources of one of the plan's nodes, the first to end first; those whose end is not known last.
pub(super) fn resources(measurements: &Measurements, request: &Request, rated: &Step) -> Vec<Resource> {
    let mut accounts = vec![
        cpu(measurements, request, rated),
        disk_bytes(measurements, rated),
        disk_syncs(rated),
        memory(measurements, request, rated),
        network("network received", rated.usage.received_bytes_per_payment, request, rated),
        network("network sent", rated.usage.sent_bytes_per_payment, request, rated),
    ];
    let end = |account: &Account| account.saturates_at_per_s.unwrap_or(f64::INFINITY);
    accounts.sort_by(|one, other| end(one).total_cmp(&end(other)));
    let first = accounts.first().map_or(f64::INFINITY, end);
    accounts.into_iter().map(|account| account.close(first)).collect()
}

impl Account {
    /// Of something that payments use in proportion, `capacity` of it a second.
    fn in_proportion(self, per_payment: f64, capacity: Option<f64>, rate_per_s: f64) -> Self {
        if per_payment <= 0.0 {
            return Self { remark: "not measured".to_owned(), ..self };
        }
        Self {
            per_payment: Some(per_payment),
            capacity,
            used_at_rated: capacity.map(|capacity| per_payment * rate_per_s / capacity),
            saturates_at_per_s: capacity.map(|capacity| capacity / per_payment),
            ..self
        }
    }

    fn close(self, first: f64) -> Resource {
        Resource {
            name: self.name.to_owned(),
            per_payment: self.per_payment,
            unit: self.unit.to_owned(),
            capacity: self.capacity,
            capacity_unit: self.capacity_unit.to_owned(),
            used_at_rated: self.used_at_rated,
            saturates_at_per_s: self.saturates_at_per_s,
            binds: self.saturates_at_per_s.is_some_and(|end| end <= first),
            remark: self.remark,
        }
    }
}

fn cpu(measurements: &Measurements, request: &Request, rated: &Step) -> Account {
    let cores = request.node_cores.unwrap_or(measurements.machine.node_cores);
    let account = Account {
        name: "CPU",
        unit: "us of one core",
        capacity_unit: "us of CPU a second",
        remark: format!("{cores} core(s) of a node, payments in proportion"),
        ..Account::default()
    };
    account.in_proportion(rated.usage.cpu_us_per_payment, Some(f64::from(cores) * MICROS), rated.achieved_per_s)
}

fn disk_bytes(measurements: &Measurements, rated: &Step) -> Account {
    let remark = match measurements.floors.disk_bytes_per_s {
        Some(_) => "the journal beside this disk's sequential durable writes",
        None => "the disk's own rate was not measured",
    };
    let account = Account {
        name: "disk bytes",
        unit: "bytes",
        capacity_unit: "bytes a second",
        remark: remark.to_owned(),
        ..Account::default()
    };
    let per_payment = rated.usage.journal_bytes_per_payment;
    account.in_proportion(per_payment, measurements.floors.disk_bytes_per_s, rated.achieved_per_s)
}

/// Payments share a sync, and the busier the disk the more of them: no rate can be named at which it ends.
fn disk_syncs(rated: &Step) -> Account {
    let (syncs, sync_us) = (rated.usage.syncs_per_payment, rated.usage.sync_us.p50);
    if syncs <= 0.0 || sync_us <= 0.0 {
        return Account { name: "disk syncs", unit: "syncs", remark: "not measured".to_owned(), ..Account::default() };
    }
    Account {
        name: "disk syncs",
        per_payment: Some(syncs),
        unit: "syncs",
        capacity: Some(MICROS / sync_us),
        capacity_unit: "syncs a second, one after the other",
        used_at_rated: Some(syncs * rated.achieved_per_s * sync_us / MICROS),
        saturates_at_per_s: None,
        remark: format!(
            "{:.1} payments share a sync at the rated step; groups grow with the load, so that this does not end in \
             proportion",
            1.0 / syncs
        ),
    }
}

fn memory(measurements: &Measurements, request: &Request, rated: &Step) -> Account {
    let account = Account { name: "memory", unit: "bytes", capacity_unit: "bytes", ..Account::default() };
    let (Some(bytes), true) = (measurements.floors.bytes_per_live_payment, request.memory_hours > 0.0) else {
        return Account { remark: "not measured, or payments leave memory at once".to_owned(), ..account };
    };
    let capacity = request.node_memory_bytes.unwrap_or(measurements.machine.memory_bytes) as f64;
    let seconds = request.memory_hours * SECONDS_PER_HOUR;
    if capacity <= 0.0 || bytes <= 0.0 {
        return Account { remark: "not measured".to_owned(), ..account };
    }
    Account {
        per_payment: Some(bytes),
        capacity: Some(capacity),
        used_at_rated: Some(bytes * rated.achieved_per_s * seconds / capacity),
        saturates_at_per_s: Some(capacity / (bytes * seconds)),
        remark: format!("a payment stays for {} h of uninterrupted peak", request.memory_hours),
        ..account
    }
}

fn network(name: &'static str, bytes: f64, request: &Request, rated: &Step) -> Account {
    let capacity = request.node_network_bits_per_s.map(|bits| bits / 8.0);
    let remark = match capacity {
        Some(_) => "half of what crossed loopback, headers and acknowledgements included",
        None => "a node's network was not given; measured over loopback",
    };
    let account = Account {
        name,
        unit: "bytes",
        capacity_unit: "bytes a second",
        remark: remark.to_owned(),
        ..Account::default()
    };
    account.in_proportion(bytes, capacity, rated.achieved_per_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::{Floors, MachineFacts, SyncTimes, Usage};

    fn measured() -> (Measurements, Step) {
        let usage = Usage {
            cpu_us_per_payment: 250.0,
            journal_bytes_per_payment: 6_000.0,
            syncs_per_payment: 0.25,
            sync_us: SyncTimes { p50: 100.0, p99: 200.0, max: 900.0 },
            received_bytes_per_payment: 8_000.0,
            sent_bytes_per_payment: 9_000.0,
            ..Usage::default()
        };
        let floors = Floors { disk_bytes_per_s: Some(6e8), bytes_per_live_payment: Some(400.0), ..Floors::default() };
        let machine = MachineFacts { node_cores: 1, memory_bytes: 24_000_000_000, ..MachineFacts::default() };
        let step = Step { achieved_per_s: 3_000.0, usage, ..Step::default() };
        (Measurements { floors, machine, ..Measurements::default() }, step)
    }

    #[test]
    fn the_first_to_end_binds() {
        let (measurements, step) = measured();
        let found = resources(&measurements, &Request::default(), &step);
        let told: Vec<_> = found.iter().map(|resource| (resource.name.as_str(), resource.saturates_at_per_s)).collect();
        assert_eq!(told[0], ("CPU", Some(4_000.0)));
        assert_eq!(told[1].0, "memory");
        assert_eq!(told[2], ("disk bytes", Some(100_000.0)));
        assert_eq!(found.iter().filter(|resource| resource.binds).count(), 1);
        assert!(found[0].binds && (found[0].used_at_rated.unwrap() - 0.75).abs() < 1e-12);
        let syncs = found.iter().find(|resource| resource.name == "disk syncs").unwrap();
        assert!((syncs.used_at_rated.unwrap() - 0.075).abs() < 1e-12 && syncs.saturates_at_per_s.is_none());
    }

    #[test]
    fn a_thin_line_or_more_cores_bind_elsewhere() {
        let (measurements, step) = measured();
        let request = Request { node_network_bits_per_s: Some(72e6), ..Request::default() };
        let found = resources(&measurements, &request, &step);
        assert_eq!((found[0].name.as_str(), found[0].saturates_at_per_s), ("network sent", Some(1_000.0)));
        let request = Request { node_cores: Some(64), ..Request::default() };
        assert_eq!(resources(&measurements, &request, &step)[0].name, "memory");
    }

    #[test]
    fn what_was_not_measured_ends_nowhere() {
        let found = resources(&Measurements::default(), &Request::default(), &Step::default());
        assert!(found.iter().all(|resource| !resource.binds && resource.saturates_at_per_s.is_none()));
    }
}
