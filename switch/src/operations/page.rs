//! The operator's page: JSON for programs, one small HTML table for people.

use std::fmt::Write;

use clearway_codec::value::BeijingTime;
use serde::Serialize;

use super::board::{Board, name_of};
use super::form::{account_type_text, percent};
use crate::domain::statistics::{LegKind, Sums};

/// Rows shown; more are only counted.
const ROWS_MAX: usize = 2_000;

#[derive(Serialize)]
struct Page {
    /// End of the minute, Beijing time; empty: none has ended yet.
    minute: String,
    businesses: Vec<BusinessLine>,
    rows: Vec<Line>,
    rows_left_out: usize,
    legs_not_told_apart: u64,
    maintenance: Box<serde_json::value::RawValue>,
    closed_now: Vec<String>,
    failing: Vec<Failing>,
}

#[derive(Serialize)]
struct BusinessLine {
    business: &'static str,
    leg: u8,
    #[serde(flatten)]
    sums: SumsText,
}

#[derive(Serialize)]
struct Line {
    business: &'static str,
    initiator: String,
    target: String,
    account_type: String,
    leg: u8,
    #[serde(flatten)]
    sums: SumsText,
}

#[derive(Serialize)]
struct SumsText {
    count: u64,
    mean_ms: u64,
    business_percent: String,
    system_percent: String,
}

#[derive(Serialize)]
struct Failing {
    participant: String,
    why: String,
}

impl From<&Sums> for SumsText {
    fn from(sums: &Sums) -> Self {
        Self {
            count: sums.count,
            mean_ms: sums.mean_ms(),
            business_percent: percent(sums.business_rate()),
            system_percent: percent(sums.system_rate()),
        }
    }
}

impl Board {
    /// The page as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.page()).unwrap_or_else(|_| "{}".to_owned())
    }

    fn page(&self) -> Page {
        let now_us = self.clock.now_micros();
        let minute = self.statistics.last();
        let lines = minute.tally.sorted();
        let businesses = minute.tally.by_business().into_iter().map(|((business, leg), sums)| BusinessLine {
            business: name_of(business),
            leg,
            sums: (&sums).into(),
        });
        let maintenance = serde_json::value::RawValue::from_string(self.admission.maintenance_json(now_us));
        Page {
            minute: if minute.end_us == 0 { String::new() } else { time_text(minute.end_us) },
            businesses: businesses.collect(),
            rows: lines.iter().take(ROWS_MAX).map(|(kind, sums)| self.line(kind, sums)).collect(),
            rows_left_out: lines.len().saturating_sub(ROWS_MAX),
            legs_not_told_apart: minute.tally.dropped(),
            maintenance: maintenance.unwrap_or_default(),
            closed_now: self.admission.closed(now_us).into_iter().map(|(_, id)| id).collect(),
            failing: self.failing().into_iter().map(|(participant, why)| Failing { participant, why }).collect(),
        }
    }

    fn line(&self, kind: &LegKind, sums: &Sums) -> Line {
        Line {
            business: name_of(kind.business),
            initiator: self.id(kind.initiator),
            target: self.id(kind.target),
            account_type: account_type_text(kind.account_type),
            leg: kind.leg,
            sums: sums.into(),
        }
    }

    /// The page as HTML, without anything to load or to run.
    #[must_use]
    pub fn to_html(&self) -> String {
        let page = self.page();
        let mut html = format!(
            "<!doctype html><meta charset=utf-8><title>Joint operations</title>\
             <style>body{{font:14px sans-serif}}td,th{{padding:2px 8px;text-align:left}}</style>\
             <h1>Joint operations</h1><p>Minute to {}</p>",
            if page.minute.is_empty() { "(none yet)" } else { &page.minute }
        );
        table(
            &mut html,
            &["business", "leg", "count", "mean ms", "business %", "system %"],
            page.businesses
                .iter()
                .map(|line| sums_cells(vec![line.business.to_owned(), line.leg.to_string()], &line.sums)),
        );
        let head = ["business", "initiator", "target", "account", "leg", "count", "mean ms", "business %", "system %"];
        table(
            &mut html,
            &head,
            page.rows.iter().map(|line| {
                let Line { business, initiator, target, account_type, leg, sums } = line;
                let cells = vec![
                    (*business).to_owned(),
                    initiator.clone(),
                    target.clone(),
                    account_type.clone(),
                    leg.to_string(),
                ];
                sums_cells(cells, sums)
            }),
        );
        let _ =
            write!(html, "<p>{} more rows, {} legs not told apart</p>", page.rows_left_out, page.legs_not_told_apart);
        let windows = self.admission.windows(self.clock.now_micros());
        table(
            &mut html,
            &["maintenance", "of", "from", "until", "text"],
            windows.iter().map(|numbered| {
                let window = &numbered.window;
                let bank = window.bank.map_or_else(|| "centre".to_owned(), |bank| bank.as_str().to_owned());
                let times = [window.from, window.until].map(|time| time_text(time.unix_micros()));
                [vec![numbered.number.to_string(), bank], times.to_vec(), vec![window.text.clone()]].concat()
            }),
        );
        table(&mut html, &["closed now"], page.closed_now.iter().map(|id| vec![id.clone()]));
        table(
            &mut html,
            &["does not take joint operations", "why"],
            page.failing.iter().map(|failing| vec![failing.participant.clone(), failing.why.clone()]),
        );
        html
    }
}

fn sums_cells(mut cells: Vec<String>, sums: &SumsText) -> Vec<String> {
    let SumsText { count, mean_ms, business_percent, system_percent } = sums;
    cells.extend([count.to_string(), mean_ms.to_string(), business_percent.clone(), system_percent.clone()]);
    cells
}

/// A table, if there is a row for it.
fn table(html: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    html.push_str("<table><tr>");
    head.iter().for_each(|cell| push_cell(html, "th", cell));
    for row in rows {
        html.push_str("<tr>");
        row.iter().for_each(|cell| push_cell(html, "td", cell));
    }
    html.push_str("</table>");
}

/// Texts come from operators and files: markup in them is text.
fn push_cell(html: &mut String, element: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // Writing to a String cannot fail.
    let _ = write!(html, "<{element}>{text}");
}

fn time_text(at_us: u64) -> String {
    String::from_utf8_lossy(&BeijingTime::from_unix_micros(at_us).to_text()).into_owned()
}
