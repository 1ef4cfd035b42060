//! What has gone over one channel, and how well it does. Outlives the tables that the channel stands in.

use clearway_codec::value::Date;
use parking_lot::Mutex;

use crate::domain::route::{Channel, Health, LegEnd, SwitchState, Volume, VolumeBook, VolumeBreach};

/// Why a channel does not take a leg for which it was chosen a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// The counters of one channel. Each lock is held for moments; none while another is.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    volume: Mutex<VolumeBook>,
    health: Mutex<Health>,
}

impl Gauge {
    pub(super) fn breach(&self, channel: &Channel, amount_fen: u64, day: Date) -> Option<VolumeBreach> {
        if channel.limits.is_unlimited() {
            return None;
        }
        self.volume.lock().check(amount_fen, day, &channel.limits).err()
    }

    pub(super) fn state(&self, channel: &Channel, now_us: u64) -> SwitchState {
        channel.switch_off.as_ref().map_or(SwitchState::On, |rule| self.health.lock().state(rule, now_us))
    }

    /// Takes a place for one leg. Whether its volume counts it.
    ///
    /// # Errors
    /// Somebody else had the last place.
    pub(super) fn reserve(&self, channel: &Channel, amount_fen: u64, day: Date, now_us: u64) -> Result<bool, Full> {
        let is_admitted = channel.switch_off.as_ref().is_none_or(|rule| self.health.lock().admit(rule, now_us));
        if !is_admitted {
            return Err(Full);
        }
        // What moves no money is no volume.
        if channel.limits.is_unlimited() || amount_fen == 0 {
            return Ok(false);
        }
        if self.volume.lock().reserve(amount_fen, day, &channel.limits).is_err() {
            self.forgo();
            return Err(Full);
        }
        Ok(true)
    }

    pub(super) fn release(&self, amount_fen: u64, day: Date) {
        self.volume.lock().release(amount_fen, day);
    }

    pub(super) fn restore(&self, counted: Volume, day: Date) {
        self.volume.lock().restore(counted, day);
    }

    /// A leg that had a place was not sent.
    pub(super) fn forgo(&self) {
        self.health.lock().forgo();
    }

    pub(super) fn note(&self, channel: &Channel, end: LegEnd, now_us: u64) -> Option<SwitchState> {
        channel.switch_off.as_ref().and_then(|rule| self.health.lock().note(rule, end, now_us))
    }

    /// Volume of the day and the month; legs, failures and time-outs of the window.
    pub(super) fn read(&self, channel: &Channel, day: Date, now_us: u64) -> Reading {
        let [today, month] = self.volume.lock().used(day);
        let window = channel.switch_off.as_ref().map(|rule| self.health.lock().window(rule, now_us));
        Reading { today, month, window: window.unwrap_or_default() }
    }
}

/// A channel's counters at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) today: Volume,
    pub(super) month: Volume,
    pub(super) window: [u32; 3],
}
