//! For whom a connection may speak.

use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The participants whose messages a connection may bring. Cheap to clone: no allocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Identity {
    /// Everybody's: a plain connection proves nothing, and the configuration has said so.
    #[default]
    Anyone,
    /// Those of the participant with this index.
    One(u16),
    /// Those of several: one certificate may name them all.
    Several(Arc<[u16]>),
}

impl Identity {
    /// Whether a message of this participant (its index) may come this way.
    #[inline]
    #[must_use]
    pub fn may_speak_for(&self, participant: u16) -> bool {
        match self {
            Self::Anyone => true,
            Self::One(own) => *own == participant,
            Self::Several(own) => own.contains(&participant),
        }
    }
}

/// Which participant is meant by which name of a certificate.
#[derive(Debug, Default)]
pub struct Names {
    participants: HashMap<String, u16, RandomState>,
}

impl Names {
    /// Takes name and participant index. Names are compared without regard to case.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, u16)>) -> Self {
        let participants = names.into_iter().map(|(name, index)| (name.to_ascii_lowercase(), index));
        Self { participants: participants.collect() }
    }

    /// For whom a certificate with these names (in lower case) speaks; none if for nobody here.
    #[must_use]
    pub fn identify(&self, names: &[String]) -> Option<Identity> {
        let mut known: Vec<u16> = names.iter().filter_map(|name| self.participants.get(name).copied()).collect();
        known.sort_unstable();
        known.dedup();
        match known.as_slice() {
            [] => None,
            [one] => Some(Identity::One(*one)),
            _ => Some(Identity::Several(known.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_speaks_for_those_it_names_and_for_nobody_else() {
        let names = Names::new([("Bank.One", 3), ("bank.two", 9), ("two.again", 9)]);
        let identify = |list: &[&str]| names.identify(&list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(identify(&[]), None);
        assert_eq!(identify(&["stranger"]), None);
        assert_eq!(identify(&["stranger", "bank.one"]), Some(Identity::One(3)));
        assert_eq!(identify(&["two.again", "bank.two"]), Some(Identity::One(9)));
        assert_eq!(identify(&["bank.two", "bank.one"]), Some(Identity::Several([3, 9].into())));
        for (identity, three, nine) in [
            (Identity::Anyone, true, true),
            (Identity::One(3), true, false),
            (Identity::Several([3, 9].into()), true, true),
        ] {
            assert_eq!((identity.may_speak_for(3), identity.may_speak_for(9)), (three, nine));
        }
        assert!(!Identity::Several([3, 9].into()).may_speak_for(4));
    }
}
