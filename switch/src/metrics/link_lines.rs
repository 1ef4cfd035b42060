//! The families of links: one line for each link, by participant, link and centre.

use std::fmt;

use super::page::{Page, signed};
use super::reading::{LinkLatency, LinkReading};

type Labels<'a> = [(&'static str, &'a str); 3];

pub(super) fn write_links(links: &[LinkReading], page: &mut Page<'_>) -> fmt::Result {
    let gauges = |value: fn(&LinkReading) -> i64| links.iter().map(move |link| (labels(link), value(link)));
    page.gauges(
        "link_state",
        "State of a link: 0 up, 1 suspect, 2 down, 3 recovering, 4 trial",
        gauges(|link| i64::from(link.state)),
    )?;
    page.gauges(
        "link_since_change_seconds",
        "Seconds since the state of a link last changed",
        gauges(|link| signed(link.since_s)),
    )?;
    page.gauges("link_in_use", "1 when a link takes new messages", gauges(|link| i64::from(link.in_use)))?;
    page.gauges("link_drained", "1 when the operator drained a link", gauges(|link| i64::from(link.drained)))?;
    page.gauges("link_in_flight", "Messages out over a link", gauges(|link| i64::from(link.in_flight)))?;
    page.gauges(
        "link_connections",
        "Connections over a link, busy and idle",
        gauges(|link| i64::from(link.connections)),
    )?;
    let errors = links.iter().flat_map(|link| {
        link.errors.iter().map(move |(kind, count)| {
            let [participant, name, centre] = labels(link);
            ([participant, name, centre, ("kind", *kind)], *count)
        })
    });
    page.counters("link_errors", "Trouble on a link, by kind", errors)?;
    let measured = |latency: fn(&LinkReading) -> &LinkLatency| {
        links.iter().map(move |link| (labels(link), latency(link))).filter(|(_, latency)| latency.count() > 0)
    };
    page.latencies("link_connect_us", "Time to connect over a link, microseconds", measured(|link| &link.connect))?;
    page.latencies(
        "link_answer_us",
        "Time from the last byte out to the first one in over a link, microseconds",
        measured(|link| &link.answer),
    )
}

fn labels(link: &LinkReading) -> Labels<'_> {
    [("participant", link.participant.as_str()), ("link", link.link.as_str()), ("centre", link.centre.as_str())]
}
