//! What is in force, as JSON for the operator.

use serde::Serialize;

use super::file::RoutesFile;
use super::router::{Router, day_of};
use crate::domain::route::{ChannelKind, SwitchState, Volume};
use crate::metrics::ChannelReading;

#[derive(Serialize)]
struct TableView<'a> {
    /// 0: the table of the file, or none.
    version: u32,
    /// `none`, `file` or `changed`.
    source: &'static str,
    changed: Option<ChangeView<'a>>,
    channels: Vec<ChannelView>,
    table: Option<&'a RoutesFile>,
}

#[derive(Serialize)]
struct ChangeView<'a> {
    by: &'a str,
    at_us: u64,
}

#[derive(Serialize)]
struct ChannelView {
    bank: String,
    number: u8,
    name: String,
    via: String,
    kind: ChannelKind,
    enabled: bool,
    state: SwitchState,
    legs: u32,
    failures: u32,
    timeouts: u32,
    today: Volume,
    month: Volume,
}

impl Router {
    /// The table in force and the counters of its channels: a JSON object.
    #[must_use]
    pub fn to_json(&self, now_us: u64) -> String {
        let state = self.state.lock();
        let source = match (&state.changed, &state.configured) {
            (Some(_), _) => "changed",
            (None, Some(_)) => "file",
            (None, None) => "none",
        };
        let changed = state.changed.as_ref();
        let view = TableView {
            version: state.version(),
            source,
            changed: changed.map(|changed| ChangeView { by: &changed.by, at_us: changed.at_us }),
            channels: self.channel_views(now_us),
            table: state.file(),
        };
        serde_json::to_string(&view).unwrap_or_else(|_| "{}".to_owned())
    }

    /// Every channel of a bank that has more than itself, for the metrics.
    #[must_use]
    pub fn readings(&self, now_us: u64) -> Vec<ChannelReading> {
        if self.is_plain() {
            return Vec::new();
        }
        let reading = |view: ChannelView| ChannelReading {
            is_on: view.enabled && !matches!(view.state, SwitchState::Off { .. }),
            bank: view.bank,
            channel: view.number.to_string(),
            day_fen: view.today.amount_fen,
            month_fen: view.month.amount_fen,
        };
        self.channel_views(now_us).into_iter().map(reading).collect()
    }

    fn channel_views(&self, now_us: u64) -> Vec<ChannelView> {
        let live = self.live();
        let mut views = Vec::new();
        for (bank, routes) in live.table.banks().filter(|(bank, _)| !live.table.is_plain(*bank)) {
            for channel in &routes.channels {
                let Some(gauge) = live.gauges.get(&(bank, channel.number)) else { continue };
                let reading = gauge.read(channel, day_of(now_us), now_us);
                let [legs, failures, timeouts] = reading.window;
                views.push(ChannelView {
                    bank: self.id(bank),
                    number: channel.number,
                    name: channel.name.clone(),
                    via: self.id(channel.via),
                    kind: channel.kind,
                    enabled: channel.is_enabled,
                    state: gauge.state(channel, now_us),
                    legs,
                    failures,
                    timeouts,
                    today: reading.today,
                    month: reading.month,
                });
            }
        }
        views
    }

    /// A participant's id; empty for an index that nobody has.
    #[must_use]
    pub fn id(&self, index: u16) -> String {
        self.participants.get(index).map_or_else(String::new, |known| known.id.to_string())
    }
}
