//! From what is written to the table: ids become indexes, names numbers; the first fault is named with its key.

use std::collections::BTreeMap;

use clearway_codec::value::InstitutionId;

use super::file::{CardTable, ChannelTable, PreferTable, RoutesFile, SwitchOffTable};
use crate::config::{ParticipantKind, Participants};
use crate::domain::business::Business;
use crate::domain::route::{
    AccountType, BankRoutes, Capabilities, Channel, RouteTable, SwitchOff, TableFault, VolumeLimits,
};
use crate::error::{Error, Fault};

/// Priority of a channel that says none; channel 0 has 1.
const PRIORITY: u8 = 100;
/// Longest name of a channel, in characters.
const NAME_CHARS_MAX: usize = 40;

/// The table of a file.
pub(super) fn resolve(file: &RoutesFile, participants: &Participants, version: u32) -> Result<RouteTable, Error> {
    let mut banks: BTreeMap<u16, BankRoutes> = participants
        .iter()
        .filter(|participant| participant.kind == ParticipantKind::Bank)
        .map(|bank| (bank.index, BankRoutes::plain(bank.index)))
        .collect();
    for table in &file.channel {
        let place = |key: &str| format!("channel {} {}: {key}", table.bank, table.number);
        let bank = participant(participants, &place("bank"), &table.bank, ParticipantKind::Bank)?;
        let channel = table.resolve(participants, bank, &place)?;
        let Some(routes) = banks.get_mut(&bank) else { continue };
        if channel.number == 0 {
            // What is said of the bank itself takes the place of what goes without saying.
            routes.channels.retain(|known| known.number != 0 || *known != Channel::of_bank(bank));
        }
        routes.channels.push(channel);
    }
    file.prefer.iter().try_for_each(|table| table.resolve(participants, &mut banks))?;
    file.card.iter().try_for_each(|table| table.resolve(participants, &mut banks))?;
    let cutover = file.cutover.resolve(participants).map_err(|error| error.at("cutover"))?;
    let table = RouteTable::new(banks, cutover, version);
    table.map_err(|fault| fault_of(&fault, participants))
}

fn fault_of(fault: &TableFault, participants: &Participants) -> Error {
    let bank = participants.get(fault.bank).map_or_else(String::new, |bank| bank.id.to_string());
    let number = fault.number.map_or_else(String::new, |number| format!(" {number}"));
    Error::new(Fault::Configuration, fault.what.clone()).at(format!("channel {bank}{number}: {}", fault.key))
}

impl ChannelTable {
    fn resolve(
        &self,
        participants: &Participants,
        bank: u16,
        place: &dyn Fn(&str) -> String,
    ) -> Result<Channel, Error> {
        let via = match &self.via {
            // An adapter listens like a bank, so it is one in the list of participants.
            Some(id) => participant(participants, &place("via"), id, ParticipantKind::Bank)?,
            None if self.number == 0 => bank,
            None => {
                let missing = Error::new(Fault::Configuration, "is missing").at(place("via"));
                return Err(missing.remedy("name the participant that is asked; without one it is the bank, number 0"));
            }
        };
        let name = self.name.clone().unwrap_or_else(|| format!("channel {}", self.number));
        if !(1..=NAME_CHARS_MAX).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            let what = format!("must have 1 to {NAME_CHARS_MAX} plain characters");
            return Err(Error::new(Fault::Configuration, what).at(place("name")));
        }
        let volume = self.volume;
        Ok(Channel {
            number: self.number,
            name,
            via,
            kind: self.kind,
            is_enabled: self.enabled,
            priority: self.priority.unwrap_or(if self.number == 0 { 1 } else { PRIORITY }),
            share: self.share,
            capabilities: self.capabilities(participants, place)?,
            limits: VolumeLimits {
                day_amount_fen: volume.day_amount_fen,
                day_count: volume.day_count,
                month_amount_fen: volume.month_amount_fen,
                month_count: volume.month_count,
            },
            switch_off: self.switch_off.map(SwitchOffTable::resolve),
        })
    }

    fn capabilities(&self, participants: &Participants, place: &dyn Fn(&str) -> String) -> Result<Capabilities, Error> {
        let business = |name: &String| {
            Business::from_name(name).map(Business::code).ok_or_else(|| {
                let what = format!("{name:?} is no business");
                Error::new(Fault::Configuration, what)
                    .at(place("businesses"))
                    .remedy("names as in participants.toml, such as agreement-payment")
            })
        };
        let account_type = |text: &String| {
            AccountType::parse(text.as_bytes()).ok_or_else(|| {
                let what = format!("{text:?} is no type of account");
                Error::new(Fault::Configuration, what).at(place("account_types")).remedy("two digits, such as \"00\"")
            })
        };
        let institution =
            |id: &String| participant(participants, &place("institutions"), id, ParticipantKind::Institution);
        if let (Some(least), Some(most)) = (self.amount_min_fen, self.amount_max_fen)
            && least > most
        {
            let what = format!("{least} is above amount_max_fen");
            return Err(Error::new(Fault::Configuration, what).at(place("amount_min_fen")));
        }
        let all = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        Ok(Capabilities {
            businesses: self.businesses.as_ref().map(|names| names.iter().map(business).collect()).transpose()?,
            account_types: self
                .account_types
                .as_ref()
                .map(|texts| texts.iter().map(account_type).collect())
                .transpose()?,
            institutions: match self.institutions {
                Some(_) => Some(all(&self.institutions).iter().map(institution).collect::<Result<_, _>>()?),
                None => None,
            },
            amount_min_fen: self.amount_min_fen,
            amount_max_fen: self.amount_max_fen,
            no_refunds: !self.refunds,
        })
    }
}

impl SwitchOffTable {
    const fn resolve(self) -> SwitchOff {
        SwitchOff {
            window_us: self.window_ms.saturating_mul(1_000),
            least: self.least,
            failure_share: self.failure_share,
            timeout_share: self.timeout_share,
            rest_us: self.rest_ms.saturating_mul(1_000),
            rest_max_us: self.rest_max_ms.saturating_mul(1_000),
            trials: self.trials,
            return_share: self.return_share,
        }
    }
}

impl PreferTable {
    fn resolve(&self, participants: &Participants, banks: &mut BTreeMap<u16, BankRoutes>) -> Result<(), Error> {
        let bank = participant(participants, "prefer.bank", &self.bank, ParticipantKind::Bank)?;
        let Some(routes) = banks.get_mut(&bank) else { return Ok(()) };
        let known = match &self.institution {
            Some(id) => {
                let institution = participant(participants, "prefer.institution", id, ParticipantKind::Institution)?;
                routes.preferred_of.insert(institution, self.channel)
            }
            None => routes.preferred.replace(self.channel),
        };
        match known {
            Some(_) => Err(Error::new(Fault::Configuration, format!("{} is there twice", self.bank)).at("prefer.bank")),
            None => Ok(()),
        }
    }
}

impl CardTable {
    fn resolve(&self, participants: &Participants, banks: &mut BTreeMap<u16, BankRoutes>) -> Result<(), Error> {
        let bank = participant(participants, "card.bank", &self.bank, ParticipantKind::Bank)?;
        let Some(routes) = banks.get_mut(&bank) else { return Ok(()) };
        for text in &self.digests {
            if routes.cards.insert(digest("card.digests", text)?, self.channel).is_some() {
                return Err(Error::new(Fault::Configuration, format!("{text} is there twice")).at("card.digests"));
            }
        }
        Ok(())
    }
}

/// The index of a participant of this kind.
pub(super) fn participant(
    participants: &Participants,
    key: &str,
    id: &str,
    kind: ParticipantKind,
) -> Result<u16, Error> {
    let parsed = InstitutionId::parse(id.as_bytes()).ok();
    let known = parsed.and_then(|id| participants.find(&id)).filter(|known| known.kind == kind);
    known.map(|known| known.index).ok_or_else(|| {
        Error::new(Fault::Configuration, format!("{id:?} is no {kind} of this node"))
            .at(key)
            .remedy("name one of participants.toml")
    })
}

/// A keyed digest as it is written: `#` and 16 hexadecimal digits. What is no digest is not repeated: it may be a card number.
pub(super) fn digest(key: &str, text: &str) -> Result<u64, Error> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 16);
    let is_hex = |digits: &&str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = digits.filter(is_hex).and_then(|digits| u64::from_str_radix(digits, 16).ok());
    value.filter(|value| *value != 0).ok_or_else(|| {
        Error::new(Fault::Configuration, "is no digest")
            .at(key)
            .remedy("# and 16 hexadecimal digits, as `clearway routes digest` prints them; never the number itself")
    })
}
