//! The metrics as a scraper and a benchmark see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use clearway_crypto::transport::Refusal;

use super::*;
use crate::clock::Clock;

const BANK: &str = "C1000111000015";

fn metrics_with_traffic() -> Arc<Metrics> {
    let (clock, hand) = Clock::settable(1_000_000_000);
    let metrics = Metrics::new(2, vec!["Z2000133000017".to_owned(), BANK.to_owned(), String::new()], clock);
    let (first, second) = (metrics.worker(0), metrics.worker(1));
    for (worker, internal_us) in [(&first, 400), (&second, 900), (&second, 60_000)] {
        worker.count(Count::PaymentsAccepted);
        worker.payment_final(0);
        worker.record(Timing::Internal, internal_us);
        worker.leg_ended(1, 0, LegOutcome::Success);
    }
    second.payment_final(4);
    second.leg_ended(1, 1, LegOutcome::TimedOut);
    first.refused(b"ES000025");
    first.http_refused(413);
    first.tls_refused(Refusal::Revoked);
    first.raise(Level::InFlightPayments);
    second.raise(Level::InFlightPayments);
    second.lower(Level::InFlightPayments);
    first.set(Level::CommitQueue, 7);
    second.set(Level::CommitQueue, 5);
    first.participant_in_flight(1, true);
    first.case_opened(Case::Presumed04);
    metrics.connect(Box::new(readings));
    hand.advance(2_500_000);
    metrics
}

fn readings() -> Readings {
    Readings {
        ready: true,
        journal: JournalReading {
            driver: "io_uring+o_direct".to_owned(),
            durability: "fdatasync".to_owned(),
            groups: 9,
            space: "low".to_owned(),
            sync_us: Latency { count: 9, p50: 80, p90: 90, p99: 120, p999: 130, max: 140 },
            ..JournalReading::default()
        },
        table: TableReading { payments: 4, bytes: 880, shelved: 7, filter_bytes: 64 },
        backends: vec![("sm2-sm3".to_owned(), "efficient-sm2".to_owned())],
        keys: vec![KeyReading {
            institution: BANK.to_owned(),
            serial: "4200000001".to_owned(),
            valid_until_unix_secs: 1_060,
        }],
        certificates: vec![CertificateReading { usage: "own", name: "node".to_owned(), until_unix_secs: 1_000 }],
        queues: vec![("admin", 2)],
        clock_ahead_us: 0,
        links: vec![LinkReading {
            participant: BANK.to_owned(),
            link: "main".to_owned(),
            centre: "east".to_owned(),
            state: 2,
            since_s: 7,
            drained: true,
            errors: vec![("refused", 4)],
            answer: LinkLatency { buckets: vec![(250, 2), (500, 1)], above: 1, sum_us: 9_000 },
            ..LinkReading::default()
        }],
        channels: vec![ChannelReading {
            bank: BANK.to_owned(),
            channel: "1".to_owned(),
            is_on: true,
            day_fen: 1_234,
            month_fen: 5_678,
        }],
        batches: vec![BatchReading {
            batch: "B202611200012".to_owned(),
            is_closed: true,
            unfinished: 3,
            booked: 40,
            position_sum_fen: 0,
            over_s: 61,
        }],
        books: BooksReading { stopped: 1, failing: 2, failures: 17, idle_s: 8 },
        operations: OperationsReading {
            businesses: vec![BusinessReading {
                business: "refund",
                leg: 2,
                count: 9,
                business_ok: 7,
                system_ok: 8,
                business_rate: Some(9_950),
                system_rate: None,
            }],
            sent: 12,
            failed: 3,
        },
    }
}

/// A small parser of the text format: every sample by name and labels, and proof that each line is a comment or
/// `name{labels} number`.
fn samples(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with("# EOF\n"), "the text ends where it should");
    let mut samples = BTreeMap::new();
    let mut described = String::new();
    for line in text.lines() {
        if let Some(comment) = line.strip_prefix("# ") {
            if let Some(rest) = comment.strip_prefix("HELP ") {
                described = rest.split(' ').next().unwrap().to_owned();
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        assert!(name.starts_with(&described) && name.starts_with("clearway_"), "{line} stands under {described}");
        assert!(samples.insert(name.to_owned(), value.parse().unwrap()).is_none(), "twice: {name}");
    }
    samples
}

#[test]
fn the_text_parses_and_adds_up_over_the_workers() {
    let samples = samples(&metrics_with_traffic().render());
    let expected = [
        ("clearway_payments_total{status=\"00\"}", 3.0),
        ("clearway_payments_total{status=\"01\"}", 0.0),
        ("clearway_payments_total{status=\"04\"}", 1.0),
        ("clearway_refused_total{code=\"ES000025\"}", 1.0),
        ("clearway_http_refused_total{status=\"413\"}", 1.0),
        ("clearway_tls_refused_total{kind=\"revoked\"}", 1.0),
        ("clearway_tls_refused_total{kind=\"expired\"}", 0.0),
        ("clearway_certificate_expires_seconds{use=\"own\",name=\"node\"}", -2.0),
        ("clearway_payments_accepted_total", 3.0),
        ("clearway_in_flight_payments", 1.0),
        ("clearway_queue_commit_effects", 12.0),
        ("clearway_queue_entries{queue=\"admin\"}", 2.0),
        ("clearway_cases_total{kind=\"presumed-04\"}", 1.0),
        ("clearway_leg_outcomes_total{bank=\"C1000111000015\",leg=\"1\",outcome=\"success\"}", 3.0),
        ("clearway_leg_outcomes_total{bank=\"C1000111000015\",leg=\"2\",outcome=\"timed-out\"}", 1.0),
        ("clearway_participant_in_flight{participant=\"C1000111000015\"}", 1.0),
        ("clearway_internal_us_count", 3.0),
        ("clearway_internal_us_sum", 61_300.0),
        ("clearway_internal_us_bucket{le=\"500.0\"}", 1.0),
        ("clearway_internal_us_bucket{le=\"1000.0\"}", 2.0),
        ("clearway_internal_us_bucket{le=\"71000.0\"}", 3.0),
        ("clearway_internal_us_bucket{le=\"+Inf\"}", 3.0),
        ("clearway_journal_info{driver=\"io_uring+o_direct\",durability=\"fdatasync\"}", 1.0),
        ("clearway_journal_sync_us{quantile=\"0.99\"}", 120.0),
        ("clearway_business_legs_total{business=\"refund\",leg=\"2\"}", 9.0),
        ("clearway_business_legs_agreed_total{business=\"refund\",leg=\"2\"}", 7.0),
        ("clearway_business_success_e4{business=\"refund\",leg=\"2\"}", 9_950.0),
        ("clearway_channel_on{bank=\"C1000111000015\",channel=\"1\"}", 1.0),
        ("clearway_channel_day_fen{bank=\"C1000111000015\",channel=\"1\"}", 1_234.0),
        ("clearway_batch_unfinished{batch=\"B202611200012\"}", 3.0),
        ("clearway_batch_position_sum_fen{batch=\"B202611200012\"}", 0.0),
        ("clearway_batch_over_seconds{batch=\"B202611200012\"}", 61.0),
        ("clearway_batches_unsettled", 1.0),
        ("clearway_books_batches_stopped", 1.0),
        ("clearway_books_failing", 2.0),
        ("clearway_books_failures_total", 17.0),
        ("clearway_books_idle_seconds", 8.0),
        ("clearway_channel_month_fen{bank=\"C1000111000015\",channel=\"1\"}", 5_678.0),
        ("clearway_link_state{participant=\"C1000111000015\",link=\"main\",centre=\"east\"}", 2.0),
        ("clearway_link_since_change_seconds{participant=\"C1000111000015\",link=\"main\",centre=\"east\"}", 7.0),
        ("clearway_link_drained{participant=\"C1000111000015\",link=\"main\",centre=\"east\"}", 1.0),
        (
            "clearway_link_errors_total{participant=\"C1000111000015\",link=\"main\",centre=\"east\",kind=\"refused\"}",
            4.0,
        ),
        (
            "clearway_link_answer_us_bucket{le=\"500.0\",participant=\"C1000111000015\",link=\"main\",centre=\"east\"}",
            3.0,
        ),
        ("clearway_link_answer_us_count{participant=\"C1000111000015\",link=\"main\",centre=\"east\"}", 4.0),
        ("clearway_operations_failed_total", 3.0),
        ("clearway_journal_space_short", 1.0),
        ("clearway_journal_poisoned", 0.0),
        ("clearway_table_bytes", 880.0),
        ("clearway_shelf_payments", 7.0),
        ("clearway_shelf_filter_bytes", 64.0),
        ("clearway_ready", 1.0),
        ("clearway_key_expiry_seconds{institution=\"C1000111000015\",serial=\"4200000001\"}", 58.0),
    ];
    for (name, value) in expected {
        assert_eq!(samples.get(name), Some(&value), "{name}");
    }
    assert!(samples["clearway_process_cpu_seconds_total"] > 0.0);
}

#[test]
fn an_index_without_a_participant_is_counted_nowhere_and_exported_nowhere() {
    let metrics = metrics_with_traffic();
    let worker = metrics.worker(0);
    worker.leg_ended(2, 0, LegOutcome::Success);
    worker.leg_ended(u16::MAX, 1, LegOutcome::Success);
    worker.participant_in_flight(u16::MAX, true);
    worker.payment_final(9);
    assert!(!metrics.render().contains("bank=\"\""));
}

#[test]
fn the_status_has_percentiles_of_its_window_and_counts_since_the_start() {
    let metrics = metrics_with_traffic();
    let before = metrics.status();
    assert_eq!((before.internal_us.count, before.internal_us.max), (3, 60_000));
    assert_eq!((before.payments["00"], before.payments["04"], before.accepted), (3, 1, 3));
    assert!((before.uptime_seconds - 2.5).abs() < 1e-9);

    metrics.reset_histograms();
    assert_eq!(metrics.status().internal_us, Latency::default());
    metrics.worker(1).record(Timing::Internal, 321);
    let after = metrics.status();
    assert_eq!(after.internal_us, Latency { count: 1, p50: 321, p90: 321, p99: 321, p999: 321, max: 321 });
    assert_eq!(after.payments["00"], 3, "a new window leaves the counters alone");
    assert_eq!(samples(&metrics.render())["clearway_internal_us_count"], 4.0, "and the exported histogram too");
}

#[test]
fn the_status_is_json_with_the_names_a_benchmark_reads() {
    let json: serde_json::Value = serde_json::from_str(&metrics_with_traffic().status().to_json()).unwrap();
    assert_eq!(json["journal"]["driver"], "io_uring+o_direct");
    assert_eq!(json["journal"]["durability"], "fdatasync");
    assert_eq!(json["table"]["payments"], 4);
    assert_eq!(json["backends"]["sm2-sm3"], "efficient-sm2");
    assert_eq!(json["internal_us"]["p999"], 60_000);
    assert_eq!(json["refused"]["ES000025"], 1);
    assert_eq!(json["cases"]["presumed-04"], 1);
    assert!(json["cpu_seconds"].as_f64().unwrap() > 0.0 && json["version"].is_string());
}

#[test]
fn workers_count_at_once_without_losing_one() {
    let metrics = Metrics::new(4, Vec::new(), Clock::real());
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let worker = metrics.worker(worker);
            scope.spawn(move || {
                for value in 0..10_000 {
                    worker.count(Count::Bursts);
                    worker.record(Timing::Leg2, value);
                }
            });
        }
    });
    let status = metrics.status();
    assert_eq!(status.counts["bursts"], 40_000);
    assert_eq!(status.timings["leg2_us"].count, 40_000);
}
