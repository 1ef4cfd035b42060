//! `routes.toml` as it is written: strict, and what the journal keeps of a table is the same form in JSON.
//!
//! ```toml
//! [[channel]]                        # a way to a bank; number 0 is the bank itself, there without being named
//! bank = "C1010211000012"            # whose accounts it reaches
//! number = 1                         # 1 to 255 within the bank; never used again for another `via`
//! name = "agent"
//! via = "C1010311000014"             # who is asked: an agent bank, or the adapter of an old direct channel
//! kind = "switch"                    # or "direct"
//! enabled = true
//! priority = 100                     # 1 comes first; channel 0 has 1
//! share = 0                          # of the bank's customers that prefer it, in ten-thousandths
//! businesses = ["agreement-payment"] # left out: all; likewise account_types and institutions
//! account_types = ["00", "01"]
//! institutions = ["Z2004944000010"]
//! amount_min_fen = 1
//! amount_max_fen = 5000000
//! refunds = true
//! volume = { day_amount_fen = 100000000, day_count = 10000, month_amount_fen = 2000000000, month_count = 200000 }
//! switch_off = { window_ms = 60000, least = 20, failure_share = 5000, timeout_share = 3000, rest_ms = 10000,
//!                rest_max_ms = 300000, trials = 5, return_share = 1000 }
//!
//! [[prefer]]                         # bank -> channel, for one institution or all
//! bank = "C1010211000012"
//! institution = "Z2004944000010"
//! channel = 1
//!
//! [[card]]                           # named card -> channel, by the keyed digest of its number
//! bank = "C1010211000012"
//! channel = 1
//! digests = ["#00000000000000ff"]
//!
//! [cutover.general]                  # see the cut-over's own form
//! share = 2500
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cutover_file::CutoverFile;
use crate::config::{Participants, read_toml};
use crate::domain::route::{ChannelKind, RouteTable};
use crate::error::Error;

/// A whole table as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoutesFile {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) channel: Vec<ChannelTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) prefer: Vec<PreferTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) card: Vec<CardTable>,
    pub(super) cutover: CutoverFile,
}

/// `[[channel]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelTable {
    pub(super) bank: String,
    pub(super) number: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) via: Option<String>,
    #[serde(default)]
    pub(super) kind: ChannelKind,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) priority: Option<u8>,
    #[serde(default)]
    pub(super) share: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) businesses: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_types: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) institutions: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) amount_min_fen: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) amount_max_fen: Option<u64>,
    #[serde(default = "yes")]
    pub(super) refunds: bool,
    #[serde(default)]
    pub(super) volume: VolumeTable,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) switch_off: Option<SwitchOffTable>,
}

/// `[channel.volume]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct VolumeTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) day_amount_fen: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) day_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) month_amount_fen: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) month_count: Option<u64>,
}

/// `[channel.switch_off]`. The defaults are ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SwitchOffTable {
    pub(super) window_ms: u64,
    pub(super) least: u32,
    pub(super) failure_share: u16,
    pub(super) timeout_share: u16,
    pub(super) rest_ms: u64,
    pub(super) rest_max_ms: u64,
    pub(super) trials: u32,
    pub(super) return_share: u16,
}

impl Default for SwitchOffTable {
    fn default() -> Self {
        Self {
            window_ms: 60_000,
            least: 20,
            failure_share: 5_000,
            timeout_share: 3_000,
            rest_ms: 10_000,
            rest_max_ms: 300_000,
            trials: 5,
            return_share: 1_000,
        }
    }
}

/// `[[prefer]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreferTable {
    pub(super) bank: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) institution: Option<String>,
    pub(super) channel: u8,
}

/// `[[card]]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CardTable {
    pub(super) bank: String,
    pub(super) channel: u8,
    pub(super) digests: Vec<String>,
}

const fn yes() -> bool {
    true
}

impl RoutesFile {
    /// Reads a file; every fault names it.
    ///
    /// # Errors
    /// A file that cannot be read, or is not of this form: with file, key and line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        read_toml(path)
    }

    /// Reads a file and checks it against the participants.
    ///
    /// # Errors
    /// As [`read`](Self::read), and what [`table`](Self::table) refuses.
    pub fn load(path: &Path, participants: &Participants) -> Result<Self, Error> {
        let file = Self::read(path)?;
        file.table(participants, 0).map_err(|error| error.at(path.display().to_string()))?;
        Ok(file)
    }

    /// The table that it describes, as number `version`.
    ///
    /// # Errors
    /// The first thing that cannot be: the channel, its key, and what to do.
    pub fn table(&self, participants: &Participants, version: u32) -> Result<RouteTable, Error> {
        super::resolve::resolve(self, participants, version)
    }
}
