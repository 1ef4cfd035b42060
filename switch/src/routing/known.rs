//! Which participant each channel's number stands for, for ever.
//!
//! Invariant: what was known once stays known; a table that gives a known number to somebody else is refused.

use std::collections::BTreeMap;

use super::setting::KnownChannel;
use crate::config::Participants;
use crate::domain::route::RouteTable;
use crate::error::{Error, Fault};

/// Every channel that ever was, but the banks themselves: bank and number -> who is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KnownChannels(BTreeMap<(u16, u8), u16>);

impl KnownChannels {
    /// Who is asked over a channel; none that is not known.
    pub(super) fn via(&self, bank: u16, number: u8) -> Option<u16> {
        self.0.get(&(bank, number)).copied()
    }

    /// Whether there never was any.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All bank and channel numbers that are known.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, u8)> {
        self.0.keys().copied()
    }

    /// These and those of `table`.
    ///
    /// # Errors
    /// A number that stands for another participant already.
    pub(super) fn with(&self, table: &RouteTable, participants: &Participants) -> Result<Self, Error> {
        let mut next = self.clone();
        for (bank, routes) in table.banks() {
            for channel in routes.channels.iter().filter(|channel| channel.number != 0) {
                let known = *next.0.entry((bank, channel.number)).or_insert(channel.via);
                if known != channel.via {
                    let id = |index| participants.get(index).map_or_else(String::new, |known| known.id.to_string());
                    let what = format!("is over {} already, and payments that went there name it", id(known));
                    return Err(Error::new(Fault::Configuration, what)
                        .at(format!("channel {} {}: via", id(bank), channel.number))
                        .remedy("give the new way a number that was never used"));
                }
            }
        }
        Ok(next)
    }

    /// Adds what the journal says.
    ///
    /// # Errors
    /// A participant that the configuration does not have any more.
    pub(super) fn add(&mut self, known: &[KnownChannel], participants: &Participants) -> Result<(), Error> {
        for KnownChannel { bank, number, via } in known {
            let index = |key: &str, id: &str| {
                super::resolve::participant(participants, key, id, crate::config::ParticipantKind::Bank)
            };
            let place = format!("channel {bank} {number}");
            self.0.insert((index(&place, bank)?, *number), index(&place, via)?);
        }
        Ok(())
    }

    /// As the journal keeps them.
    pub(super) fn written(&self, participants: &Participants) -> Vec<KnownChannel> {
        let id = |index| participants.get(index).map_or_else(String::new, |known| known.id.to_string());
        let one = |((bank, number), via): (&(u16, u8), &u16)| KnownChannel {
            bank: id(*bank),
            number: *number,
            via: id(*via),
        };
        self.0.iter().map(one).collect()
    }
}
