//! Changes while the node runs, and after a restart.
//!
//! Invariant: durable first, then in force, one change at a time. After a restart the last setting of each key is applied, in
//! any order; a table that was loaded at run time stands until another is loaded, or the file's is wanted again.

use super::file::RoutesFile;
use super::known::KnownChannels;
use super::request::Request;
use super::router::Router;
use super::setting::{Change, Setting};
use crate::domain::route::RouteTable;
use crate::error::Error;
use crate::settings::{Changed, CorruptSetting, Refusal, Slot, Space};

/// Who is told of as the author of what stands in the file.
const FILE: &str = "routes.toml";

/// Numbers of the settings within their space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Table = 0,
    Channels = 1,
}

/// What was configured and changed.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// The table of the file.
    pub(super) configured: Option<RoutesFile>,
    /// The table that was loaded at run time, if one stands.
    pub(super) changed: Option<Changed<RoutesFile>>,
    pub(super) known: KnownChannels,
    /// Settings of each subject so far.
    pub(super) versions: [u32; 2],
}

impl State {
    /// The table in force, as it is written.
    pub(super) fn file(&self) -> Option<&RoutesFile> {
        self.changed.as_ref().map(|changed| &changed.value).or(self.configured.as_ref())
    }

    /// Its number: 0 is that of the file.
    pub(super) const fn version(&self) -> u32 {
        if self.changed.is_some() { self.versions[0] } else { 0 }
    }

    fn slot(&self, subject: Subject) -> Slot {
        // Both numbers are far below 2^24.
        let key = Space::Routes.key(subject as u32).unwrap_or_default();
        Slot { key, version: self.versions[subject as usize].saturating_add(1) }
    }
}

impl Router {
    /// Puts the table of a file in force, before anything of an earlier life is applied.
    ///
    /// # Errors
    /// What the file says cannot be.
    pub fn configure(&self, file: RoutesFile) -> Result<(), Error> {
        let mut state = self.state.lock();
        file.table(&self.participants, 0)?;
        state.configured = Some(file);
        self.put_in_force(&state)
    }

    /// Applies settings of an earlier life: the last of each key, in any order.
    ///
    /// # Errors
    /// Bytes that are no setting, or one that does not fit the participants (one of them was taken out of the file).
    pub fn apply_settings<'a>(&self, settings: impl IntoIterator<Item = &'a [u8]>) -> Result<(), CorruptSetting> {
        let corrupt = |error: Error| CorruptSetting(format!("routes: {error}"));
        let mut state = self.state.lock();
        for bytes in settings {
            let setting = Setting::decode(bytes)?;
            let (subject, known) = match &setting.change {
                Change::Table { table, known } => {
                    let changed = |table: &RoutesFile| Changed {
                        value: table.clone(),
                        by: setting.by.clone(),
                        at_us: setting.at_us,
                    };
                    state.changed = table.as_deref().map(changed);
                    (Subject::Table, known)
                }
                Change::Channels { known } => (Subject::Channels, known),
            };
            state.versions[subject as usize] = setting.version();
            state.known.add(known, &self.participants).map_err(corrupt)?;
        }
        self.put_in_force(&state).map_err(corrupt)
    }

    /// Has the channels of the file recorded that were not known before. To be called once, before the first payment.
    ///
    /// # Errors
    /// A number of the file that stands for another participant already; a journal that does not take the record.
    pub fn register(&self, now_us: u64, record: &dyn Fn(&Setting) -> Result<(), Error>) -> Result<(), Error> {
        let mut state = self.state.lock();
        let Some(file) = &state.configured else { return Ok(()) };
        let known = state.known.with(&file.table(&self.participants, 0)?, &self.participants)?;
        if known == state.known {
            return Ok(());
        }
        let change = Change::Channels { known: known.written(&self.participants) };
        let slot = state.slot(Subject::Channels);
        record(&Setting::new(slot, FILE, now_us, change))?;
        state.versions[Subject::Channels as usize] = slot.version;
        state.known = known;
        self.put_in_force(&state)
    }

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
        let malformed = |error: Error| Refusal::Malformed(error.to_string());
        let mut state = self.state.lock();
        let slot = state.slot(Subject::Table);
        let table = request.table(&state)?;
        let checked = match table.as_ref().or(state.configured.as_ref()) {
            Some(file) => file.table(&self.participants, slot.version).map_err(malformed)?,
            None => RouteTable::empty(),
        };
        let known = state.known.with(&checked, &self.participants).map_err(malformed)?;
        let change = Change::Table { table: table.clone().map(Box::new), known: known.written(&self.participants) };
        let setting = Setting::new(slot, request.by(), now_us, change);
        check_size(&setting)?;
        record(&setting).map_err(Refusal::NotRecorded)?;
        let changed = |value| Changed { value, by: request.by().to_owned(), at_us: now_us };
        state.changed = table.map(changed);
        state.known = known;
        state.versions[Subject::Table as usize] = slot.version;
        self.put_in_force(&state).map_err(malformed)?;
        Ok(setting)
    }

    fn put_in_force(&self, state: &State) -> Result<(), Error> {
        let table = match state.file() {
            Some(file) => file.table(&self.participants, state.version())?,
            None => RouteTable::empty(),
        };
        // What a file brings is in force when it is recorded; until then nothing is accepted.
        let known = state.known.with(&table, &self.participants)?;
        self.install(table, known);
        Ok(())
    }
}

fn check_size(setting: &Setting) -> Result<(), Refusal> {
    let (bytes, most) = (setting.encode().len(), crate::domain::register::SETTING_BYTES_MAX);
    if bytes <= most {
        return Ok(());
    }
    Err(Refusal::value("table", format!("has {bytes} bytes, above {most}: use shares instead of long lists")))
}
