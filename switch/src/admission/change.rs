//! Changes while the node runs, and after a restart.
//!
//! Invariant: durable first, then in force, one change at a time. After a restart the last setting of each key is
//! applied, in any order.

use super::gate::Admission;
use super::request::Request;
use super::rules::Rules;
use super::setting::Setting;
use crate::error::Error;
use crate::settings::{CorruptSetting, Refusal};

impl Admission {
    /// Makes a change: checks it whole, has `record` make it durable, and then puts it in force.
    ///
    /// # Errors
    /// A request that does not fit, or a journal that did not take it; nothing is changed then.
    pub fn change(
        &self,
        request: &Request,
        now_us: u64,
        record: &dyn Fn(&Setting) -> Result<(), Error>,
    ) -> Result<Setting, Refusal> {
        let mut state = self.state.lock();
        let setting = request.setting(&state, now_us)?;
        let mut next = state.clone();
        next.apply(&setting)?;
        let rules = Rules::of(&next, self.business_code)?;
        record(&setting).map_err(Refusal::NotRecorded)?;
        *state = next;
        self.install(rules);
        Ok(setting)
    }

    /// Applies settings of an earlier life: the last of each key, in any order.
    ///
    /// # Errors
    /// Bytes that are no setting, or one that does not fit the participants (one of them was taken out of the file);
    /// none is applied then.
    pub fn apply_settings<'a>(&self, settings: impl IntoIterator<Item = &'a [u8]>) -> Result<(), CorruptSetting> {
        let mut state = self.state.lock();
        let mut next = state.clone();
        let corrupt = |refusal: Refusal| CorruptSetting(refusal.to_string());
        for bytes in settings {
            next.apply(&Setting::decode(bytes)?).map_err(corrupt)?;
        }
        let rules = Rules::of(&next, self.business_code).map_err(corrupt)?;
        *state = next;
        self.install(rules);
        Ok(())
    }
}
