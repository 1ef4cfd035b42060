//! The text of `GET /metrics`, made by prometheus-client from totals taken at the scrape.
//!
//! Invariant: every name and label comes from this crate or the configuration, never from the wire, return codes
//! aside, and those are bounded.

use std::fmt;

use clearway_crypto::transport::Refusal;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

use super::batch_lines::{write_batches, write_books};
use super::link_lines::write_links;
use super::meters::{Case, Count, Level, Timing};
use super::page::{Page, signed};
use super::process;
use super::reading::{BusinessReading, ChannelReading, Readings};
use super::stage::StageTotals;
use super::stage_lines::write_stages;
use super::status::{FINAL_STATUSES, seconds};
use super::totals::Totals;

/// The content type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug)]
struct Scrape {
    totals: Totals,
    stages: StageTotals,
    readings: Readings,
    participants: Vec<String>,
    now_micros: u64,
}

pub(super) fn render(
    totals: Totals,
    stages: StageTotals,
    readings: Readings,
    participants: Vec<String>,
    now_micros: u64,
) -> String {
    let mut registry = Registry::with_prefix("clearway");
    registry.register_collector(Box::new(Scrape { totals, stages, readings, participants, now_micros }));
    let mut out = String::with_capacity(16 * 1024);
    // Writing into a String cannot fail; an encoder that did anyway yields what it wrote, and the missing "# EOF"
    // tells the scraper.
    let _ = text::encode(&mut out, &registry);
    out
}

impl Collector for Scrape {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page::new(encoder);
        self.write_payments(&mut page)?;
        self.write_legs(&mut page)?;
        self.write_channels(&mut page)?;
        write_links(&self.readings.links, &mut page)?;
        write_batches(&self.readings.batches, &mut page)?;
        write_books(&self.readings.books, &mut page)?;
        self.write_businesses(&mut page)?;
        self.write_timings(&mut page)?;
        write_stages(&self.stages, &mut page)?;
        self.write_journal(&mut page)?;
        self.write_node(&mut page)
    }
}

impl Scrape {
    fn write_payments(&self, page: &mut Page<'_>) -> fmt::Result {
        let statuses =
            FINAL_STATUSES.into_iter().map(|(index, code)| ([("status", code)], self.totals.statuses[index]));
        page.counters("payments", "Payments that became final, by wire status", statuses)?;
        let refused = self.totals.refused.iter().map(|(code, count)| ([("code", code.as_str())], *count));
        page.counters("refused", "Requests refused by the switch with a signed answer, by return code", refused)?;
        let http = self.totals.http_refused.iter().map(|(status, count)| ([("status", status.trim_end())], *count));
        page.counters("http_refused", "Requests answered with an HTTP status other than 200", http)?;
        let tls =
            Refusal::ALL.iter().zip(self.totals.tls_refused).map(|(kind, count)| ([("kind", kind.name())], count));
        page.counters("tls_refused", "Connections to the node that were not let in, or ended, because of TLS", tls)?;
        let cases =
            Case::ALL.iter().zip(&self.totals.cases).map(|(case, count)| ([("kind", case.export_name())], *count));
        page.counters("cases", "Cases opened for dispute handling", cases)?;
        for meter in Count::ALL.iter().copied() {
            page.counter(meter.export_name(), meter.help(), self.totals.count(meter))?;
        }
        for meter in Level::ALL.iter().copied() {
            page.gauge(meter.export_name(), meter.help(), self.totals.level(meter))?;
        }
        let queues = self.readings.queues.iter().map(|(name, length)| ([("queue", *name)], signed(*length)));
        page.gauges("queue_entries", "Entries of queues outside the workers", queues)
    }

    fn write_legs(&self, page: &mut Page<'_>) -> fmt::Result {
        let lines = self.totals.legs.iter().filter_map(|line| {
            let bank = self.participants.get(line.participant).filter(|name| !name.is_empty())?;
            let leg = if line.leg == 0 { "1" } else { "2" };
            Some(([("bank", bank.as_str()), ("leg", leg), ("outcome", line.outcome.export_name())], line.count))
        });
        page.counters("leg_outcomes", "Requests to banks by leg and how they ended", lines)?;
        let named = self.participants.iter().zip(&self.totals.in_flight).filter(|(name, _)| !name.is_empty());
        let levels = named.map(|(name, level)| ([("participant", name.as_str())], *level));
        page.gauges("participant_in_flight", "Requests to a participant that are not answered yet", levels)
    }

    fn write_channels(&self, page: &mut Page<'_>) -> fmt::Result {
        let lines = |value: fn(&ChannelReading) -> u64| {
            let labels = |one: &'_ ChannelReading| [("bank", one.bank.clone()), ("channel", one.channel.clone())];
            self.readings.channels.iter().map(move |one| (labels(one), signed(value(one))))
        };
        page.gauges(
            "channel_on",
            "1 when a channel takes legs, 0 when it is disabled or switched off",
            lines(|one| u64::from(one.is_on)),
        )?;
        page.gauges(
            "channel_day_fen",
            "Fen that went over a channel today, where its volume is bounded; else 0",
            lines(|one| one.day_fen),
        )?;
        page.gauges(
            "channel_month_fen",
            "Fen that went over a channel this month, where its volume is bounded; else 0",
            lines(|one| one.month_fen),
        )
    }

    fn write_businesses(&self, page: &mut Page<'_>) -> fmt::Result {
        let operations = &self.readings.operations;
        let lines = |value: fn(&BusinessReading) -> u64| {
            operations.businesses.iter().map(move |line| (business_labels(line), value(line)))
        };
        page.counters("business_legs", "Legs that ended, by business", lines(|line| line.count))?;
        page.counters("business_legs_agreed", "Legs to which the other side agreed", lines(|line| line.business_ok))?;
        page.counters("business_legs_answered", "Legs with a usable answer in time", lines(|line| line.system_ok))?;
        let rates = |value: fn(&BusinessReading) -> Option<u64>| {
            operations.businesses.iter().filter_map(move |line| Some((business_labels(line), signed(value(line)?))))
        };
        let (agreed, answered) = (rates(|line| line.business_rate), rates(|line| line.system_rate));
        page.gauges("business_success_e4", "Business success of the last minute, hundredths of a percent", agreed)?;
        page.gauges("system_success_e4", "System success of the last minute, hundredths of a percent", answered)?;
        page.counter("operations_sent", "Messages of joint operations acknowledged", operations.sent)?;
        page.counter("operations_failed", "Messages of joint operations not acknowledged", operations.failed)
    }

    fn write_timings(&self, page: &mut Page<'_>) -> fmt::Result {
        Timing::ALL
            .iter()
            .try_for_each(|timing| page.histogram(timing.export_name(), timing.help(), self.totals.timing(*timing)))
    }

    fn write_journal(&self, page: &mut Page<'_>) -> fmt::Result {
        let journal = &self.readings.journal;
        page.info(
            "journal",
            "How the journal is made durable",
            [("driver", journal.driver.as_str()), ("durability", journal.durability.as_str())],
        )?;
        page.gauge(
            "journal_poisoned",
            "1 when a write or sync failed and the journal stopped",
            i64::from(journal.poisoned.is_some()),
        )?;
        page.gauge(
            "journal_space_short",
            "1 when the next segment could not be made",
            i64::from(!matches!(journal.space.as_str(), "" | "ok")),
        )?;
        page.counter("journal_groups", "Groups made durable", journal.groups)?;
        page.counter("journal_frames", "Frames made durable", journal.frames)?;
        page.counter("journal_bytes", "Bytes made durable", journal.bytes)?;
        page.gauge("journal_lag_groups", "Groups appended and not durable yet", signed(journal.lag_groups))?;
        let quantiles = journal.sync_us.quantiles().map(|(quantile, value)| ([("quantile", quantile)], signed(value)));
        page.gauges("journal_sync_us", "Write and sync of one group, microseconds", quantiles.into_iter())
    }

    fn write_node(&self, page: &mut Page<'_>) -> fmt::Result {
        page.info("build", "The program", [("version", env!("CARGO_PKG_VERSION"))])?;
        page.gauge("ready", "1 when the node takes payments", i64::from(self.readings.ready))?;
        page.gauge("table_payments", "Payments held in the table", signed(self.readings.table.payments))?;
        let table = &self.readings.table;
        page.gauge("table_bytes", "Memory of the table, bytes", signed(table.bytes))?;
        page.gauge("shelf_payments", "Payments that have left the table, on shelves", signed(table.shelved))?;
        page.gauge("shelf_filter_bytes", "Memory of the shelves' filters, bytes", signed(table.filter_bytes))?;
        let now_secs = self.now_micros / 1_000_000;
        let expiries = self.readings.keys.iter().map(|key| {
            let labels = [("institution", key.institution.as_str()), ("serial", key.serial.as_str())];
            (labels, signed(key.valid_until_unix_secs).saturating_sub(signed(now_secs)))
        });
        page.gauges("key_expiry_seconds", "Seconds until a key of the ring expires; negative: expired", expiries)?;
        let certificates = self.readings.certificates.iter().map(|certificate| {
            let labels = [("use", certificate.usage), ("name", certificate.name.as_str())];
            (labels, signed(certificate.until_unix_secs).saturating_sub(signed(now_secs)))
        });
        page.gauges(
            "certificate_expires_seconds",
            "Seconds until a certificate or revocation list in use ends; negative: it has",
            certificates,
        )?;
        page.gauge(
            "clock_ahead_us",
            "How far the node's clock is ahead of the wall clock, microseconds",
            signed(self.readings.clock_ahead_us),
        )?;
        page.gauge(
            "process_resident_bytes",
            "Resident memory of the process, bytes",
            signed(process::resident_bytes()),
        )?;
        page.seconds(
            "process_cpu_seconds",
            "User and system time of the process, seconds",
            seconds(process::cpu_micros()),
        )
    }
}

fn business_labels(line: &BusinessReading) -> [(&'static str, &'static str); 2] {
    [("business", line.business), ("leg", if line.leg == 2 { "2" } else { "1" })]
}
