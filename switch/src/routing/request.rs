//! What an operator asks for, as JSON; strict.
//!
//! ```text
//! {"by":"li.wei","table":{"channel":[...],"prefer":[...],"card":[...],"cutover":{...}}}      a whole table
//! {"by":"li.wei","cutover":{"general":{"halted":true}}}                                     the rules of the cut-over alone
//! {"by":"li.wei","channel":{"bank":"C1...","number":1,"enabled":false}}                     one channel off, or on again
//! {"by":"li.wei","as_configured":true}                                                      the table of the file again
//! ```

use serde::Deserialize;

use super::change::State;
use super::cutover_file::CutoverFile;
use super::file::{ChannelTable, RoutesFile};
use crate::settings::{Refusal, checked_name, parse};

/// A request that was read; whether it fits is seen when it is made.
#[derive(Debug)]
pub struct Request {
    by: String,
    wish: Wish,
}

#[derive(Debug)]
enum Wish {
    Table(Box<RoutesFile>),
    Cutover(CutoverFile),
    Channel(ChannelWish),
    AsConfigured,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    by: String,
    table: Option<Box<RoutesFile>>,
    cutover: Option<CutoverFile>,
    channel: Option<ChannelWish>,
    #[serde(default)]
    as_configured: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelWish {
    bank: String,
    number: u8,
    enabled: bool,
}

impl Request {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: not of this form, or more than one wish.
    pub fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let body: Body = parse(body)?;
        let wish = match (body.table, body.cutover, body.channel, body.as_configured) {
            (Some(table), None, None, false) => Wish::Table(table),
            (None, Some(cutover), None, false) => Wish::Cutover(cutover),
            (None, None, Some(channel), false) => Wish::Channel(channel),
            (None, None, None, true) => Wish::AsConfigured,
            _ => {
                let what = "name one of table, cutover, channel and as_configured".to_owned();
                return Err(Refusal::Malformed(what));
            }
        };
        Ok(Self { by: checked_name(&body.by)?, wish })
    }

    /// Who asks.
    #[must_use]
    pub fn by(&self) -> &str {
        &self.by
    }

    /// The table that is to stand at run time; none: the file's.
    pub(super) fn table(&self, state: &State) -> Result<Option<RoutesFile>, Refusal> {
        let now = || state.file().cloned().unwrap_or_default();
        Ok(match &self.wish {
            Wish::Table(table) => Some((**table).clone()),
            Wish::Cutover(cutover) => Some(RoutesFile { cutover: cutover.clone(), ..now() }),
            Wish::Channel(wish) => Some(wish.apply(now())?),
            Wish::AsConfigured => None,
        })
    }
}

impl ChannelWish {
    fn apply(&self, mut file: RoutesFile) -> Result<RoutesFile, Refusal> {
        let is_it = |table: &&mut ChannelTable| table.bank == self.bank && table.number == self.number;
        match file.channel.iter_mut().find(is_it) {
            Some(table) => table.enabled = self.enabled,
            // The text is not repeated: it came from outside and may be anything.
            None => return Err(Refusal::Unknown("the table has no such channel".to_owned())),
        }
        Ok(file)
    }
}
