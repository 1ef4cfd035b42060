//! The mix file: one TOML file that says what is sent and how banks and institutions behave.
//!
//! Read by `clearway-loadgen run --mix-file` and `find-max` and `overload`, which send by it; by `clearway-loadgen banks
//! --mix-file`, whose banks behave by it; and by `clearway-bench demo --mix-file`, which does both. `examples/mix.toml` has
//! every key.

use super::weights::Mix;
use crate::bank::{Behaviour, Behaviours};
use crate::config::Config;
use crate::error::Error;
use crate::institution::InstitutionBehaviour;
use serde::Deserialize;
use std::path::Path;

const FORMAT: u32 = 1;
/// Largest mix file, in bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// A mix file as it was read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MixFile {
    format: u32,
    /// What is sent, and by whom.
    #[serde(default)]
    pub mix: Mix,
    /// How banks behave.
    #[serde(default)]
    pub banks: Banks,
    /// How institutions take the notices that are sent to them.
    #[serde(default)]
    pub notices: InstitutionBehaviour,
}

/// How the banks of a run behave: most of them like each other, groups of them otherwise.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Banks {
    /// Seed of everything that banks draw.
    pub seed: u64,
    /// Of banks in no group.
    pub usual: Behaviour,
    /// Those who behave otherwise; a bank is in one group at most.
    pub group: Vec<BankGroup>,
}

/// Some banks that behave alike.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BankGroup {
    /// For people.
    pub name: String,
    /// Per cent of all banks, rounded to whole banks and at least one; above 0, at most 100. Taken from the end of the
    /// configuration, those that keep no reserve account first: without its reserve bank an institution has no payments.
    #[serde(default)]
    pub share: Option<f64>,
    /// In place of a share: these very banks, by id.
    #[serde(default)]
    pub of: Vec<String>,
    /// How they behave.
    pub behaviour: Behaviour,
}

impl MixFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read; [`Error::Config`] with file, place and reason when it cannot be understood.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let fault = |message: String| Error::Config { path: path.into(), message };
        let unreadable = |source| Error::File { path: path.into(), source };
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(fault(format!("{bytes} bytes: at most {FILE_BYTES_MAX} are read")));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text).map_err(|error| fault(error.to_string()))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`Error::Mix`] or [`Error::Behaviour`], saying what cannot be understood.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let file: Self = toml::from_str(text).map_err(|error| Error::Mix(error.to_string()))?;
        if file.format != FORMAT {
            return Err(Error::Mix(format!("format = {}: this program reads format {FORMAT}", file.format)));
        }
        file.mix.check()?;
        file.notices.check()?;
        file.banks.usual.check()?;
        file.banks.group.iter().try_for_each(BankGroup::check)?;
        Ok(file)
    }

    /// The behaviour of every bank of this configuration.
    ///
    /// # Errors
    /// [`Error::Mix`]: a group names a bank that is not there or is in another group, or there are not enough banks.
    pub fn behaviours(&self, config: &Config) -> Result<Behaviours, Error> {
        let mut all = Behaviours {
            seed: self.banks.seed,
            default: self.banks.usual.clone(),
            institutions: self.notices,
            ..Behaviours::default()
        };
        // Named ones first: a share takes of what is left.
        let (shares, named): (Vec<_>, Vec<_>) = self.banks.group.iter().partition(|group| group.share.is_some());
        for group in named {
            for id in &group.of {
                group.take(id, config, &mut all)?;
            }
        }
        let candidates = by_readiness(config);
        for group in shares {
            let count = group.count(config.banks.len());
            let free: Vec<&String> = candidates.iter().filter(|id| !all.bank.contains_key(*id)).take(count).collect();
            if free.len() < count {
                let left = free.len();
                return Err(Error::Mix(format!("banks: {} asks for {count} banks, {left} are left", group.name)));
            }
            for id in free.into_iter().cloned().collect::<Vec<_>>() {
                group.take(&id, config, &mut all)?;
            }
        }
        Ok(all)
    }
}

impl BankGroup {
    fn check(&self) -> Result<(), Error> {
        let fault = |why: &str| Err(Error::Mix(format!("banks: group {:?}: {why}", self.name)));
        match (self.share, self.of.is_empty()) {
            (Some(_), false) => return fault("share and of exclude each other"),
            (None, true) => return fault("neither share nor of: no bank is in it"),
            (Some(share), true) if !(share > 0.0 && share <= 100.0) => {
                return fault(&format!("share = {share}: must be above 0 and at most 100"));
            }
            _ => {}
        }
        self.behaviour.check()
    }

    /// How many banks its share is.
    fn count(&self, banks: usize) -> usize {
        let share = self.share.unwrap_or_default() / 100.0;
        ((share * banks as f64).round() as usize).max(1)
    }

    fn take(&self, id: &str, config: &Config, all: &mut Behaviours) -> Result<(), Error> {
        let fault = |why: &str| Error::Mix(format!("banks: group {:?}: {id} {why}", self.name));
        if !config.banks.iter().any(|bank| bank.identity.id.as_str() == id) {
            return Err(fault("is none of the configuration's banks"));
        }
        match all.bank.insert(id.to_owned(), self.behaviour.clone()) {
            None => Ok(()),
            Some(_) => Err(fault("is in another group too")),
        }
    }
}

/// Ids of the banks as groups take them: from the last on, those that keep reserve accounts at the end.
fn by_readiness(config: &Config) -> Vec<String> {
    let keeps = |place: usize| config.institutions.iter().any(|institution| institution.reserve_bank == place);
    let mut places: Vec<usize> = (0..config.banks.len()).rev().collect();
    places.sort_by_key(|place| keeps(*place));
    places.into_iter().map(|place| config.banks[place].identity.id.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{Delay, Fault};
    use crate::compose::tests::config_of_suites;
    use crate::mix::{Fill, Senders};
    use clearway_crypto::Suite;

    /// Three institutions, whose reserve banks are the first three of five.
    fn config() -> Config {
        config_of_suites(&[Suite::Ed25519, Suite::Sm2Sm3, Suite::Ed25519])
    }

    fn behaviours(groups: &str) -> Result<Behaviours, String> {
        let file = MixFile::parse(&format!("format = 1\n{groups}")).map_err(|error| error.to_string())?;
        file.behaviours(&config()).map_err(|error| error.to_string())
    }

    /// The example has every key, says what it does, and is understood. Its institutions, banks and suites are those of
    /// `clearway init --institution-suites ecdsa-p256-sha256,sm2-sm3`.
    #[test]
    fn the_example_is_understood_and_has_every_key() {
        let text = include_str!("../../examples/mix.toml");
        let file = MixFile::parse(text).unwrap();
        let json = serde_json::to_value(&file.mix).unwrap();
        for key in json.as_object().unwrap().keys() {
            assert!(text.contains(key), "{key} is not in the example");
        }
        let behaviour = serde_json::to_value(Behaviour::default()).unwrap();
        for key in behaviour.as_object().unwrap().keys() {
            assert!(text.contains(key), "{key} is not in the example");
        }
        assert!(file.mix.bad_signatures > 0.0 && file.mix.text != Fill::Usual && file.banks.group.len() > 1);
    }

    #[test]
    fn groups_take_their_share_from_the_end_and_spare_reserve_banks() {
        let id = |place: usize| config().banks[place].identity.id.to_string();
        let silent = r#"[[banks.group]]
            name = "silent"
            share = 20
            behaviour = { faults = { never_answers = 1.0 } }"#;
        let slow = format!(
            "[[banks.group]]\nname = \"slow\"\nof = [\"{}\"]\nbehaviour = {{ delay = {{ kind = \"fixed\", ms = 80 }} }}",
            id(4)
        );
        let all = behaviours(&format!("{silent}\n{slow}")).unwrap();
        assert_eq!(all.bank.keys().collect::<Vec<_>>(), [&id(3), &id(4)]);
        assert_eq!(all.of(&id(3)).faults[&Fault::NeverAnswers], 1.0);
        assert_eq!(all.of(&id(4)).delay, Delay::Fixed { ms: 80.0 });
        let most = behaviours(&silent.replace("20", "60")).unwrap();
        assert_eq!(
            most.bank.keys().collect::<Vec<_>>(),
            [&id(2), &id(3), &id(4)],
            "then reserve banks, the last first"
        );
    }

    #[test]
    fn what_cannot_be_is_named() {
        let group = |keys: &str| format!("[[banks.group]]\nname = \"some\"\nbehaviour = {{}}\n{keys}");
        let table = [
            (group(""), "neither share nor of"),
            (group("share = 0"), "above 0"),
            (group("share = 5\nof = [\"C1\"]"), "exclude"),
            (group("of = [\"C1\"]"), "C1 is none"),
            (format!("{}\n{}", group("share = 60"), group("share = 60")), "2 are left"),
            ("[mix]\nbribes = 1".into(), "bribes"),
            ("[mix]\npayments = -1".into(), "weights"),
            ("[mix]\ntext = { kind = \"fixed\", share = 2.0 }".into(), "shares"),
            ("[banks.usual]\nrefuses = 3".into(), "refuses"),
            ("speed = 1".into(), "speed"),
        ];
        for (text, reason) in table {
            let error = behaviours(&text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(MixFile::parse("format = 2").unwrap_err().to_string().contains("format 1"));
        assert!(MixFile::load(Path::new("no-such-file")).unwrap_err().to_string().contains("no-such-file"));
    }

    #[test]
    fn weights_of_suites_and_institutions_reach_the_senders() {
        let file = MixFile::parse("format = 1\n[mix.suites]\nsm2-sm3 = 1\n").unwrap();
        let senders = Senders::new(&file.mix, &config()).unwrap();
        let mut draws = crate::random::Draws::new(1, 1);
        assert!((0..100).all(|_| senders.draw(&mut draws) == 1));
    }
}
