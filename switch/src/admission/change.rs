//! Changes while the node runs, and after a restart.
//!
//! Invariant: durable first, then in force, one change at a time. A snapshot waits for the change that is being made, so
//! a checkpoint whose position lies behind a setting's record holds that setting.

use super::gate::Admission;
use super::refusal::Refusal;
use super::request::Request;
use super::rules::Rules;
use super::setting::{CorruptSetting, Setting, Snapshot};
use crate::error::Error;

impl Admission {
    /// Makes a change: checks it whole, has `record` make its bytes durable, and then puts it in force.
    ///
    /// # Errors
    /// A request that does not fit, or a journal that did not take it; nothing is changed then.
    pub fn change(
        &self,
        request: &Request,
        now_us: u64,
        record: &dyn Fn(&[u8]) -> Result<(), Error>,
    ) -> Result<Setting, Refusal> {
        let mut state = self.state.lock();
        let setting = request.setting(&state, now_us)?;
        let mut next = state.clone();
        next.apply(&setting)?;
        let rules = Rules::of(&next, self.business_code)?;
        record(&setting.encode()).map_err(Refusal::NotRecorded)?;
        *state = next;
        self.install(rules);
        Ok(setting)
    }

    /// Applies a setting from the journal.
    ///
    /// # Errors
    /// Bytes that are no setting, or one that does not fit the participants (one of them was taken out of the file);
    /// it is not applied then.
    pub fn apply_setting(&self, bytes: &[u8]) -> Result<(), CorruptSetting> {
        self.apply_all(&[Setting::decode(bytes)?])
    }

    /// What a checkpoint keeps of all changes. Take the checkpoint's position first.
    #[must_use]
    pub fn settings_snapshot(&self) -> Vec<u8> {
        self.state.lock().snapshot().encode()
    }

    /// Applies what [`settings_snapshot`](Self::settings_snapshot) gave.
    ///
    /// # Errors
    /// As for [`apply_setting`](Self::apply_setting).
    pub fn load_settings(&self, bytes: &[u8]) -> Result<(), CorruptSetting> {
        let snapshot = Snapshot::decode(bytes)?;
        self.state.lock().skip_windows(snapshot.next_window);
        self.apply_all(&snapshot.settings)
    }

    fn apply_all(&self, settings: &[Setting]) -> Result<(), CorruptSetting> {
        let mut state = self.state.lock();
        let mut next = state.clone();
        let corrupt = |refusal: Refusal| CorruptSetting(refusal.to_string());
        settings.iter().try_for_each(|setting| next.apply(setting)).map_err(corrupt)?;
        let rules = Rules::of(&next, self.business_code).map_err(corrupt)?;
        *state = next;
        self.install(rules);
        Ok(())
    }
}
