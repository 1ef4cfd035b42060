//! Who the counterparties are, by their places in the configuration.

use clearway_codec::InstitutionId;

/// Institutions and banks in the order of the configuration; orders name them by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// Payment institutions.
    pub institutions: Vec<InstitutionId>,
    /// Banks.
    pub banks: Vec<InstitutionId>,
}

impl Roster {
    /// The institution at a place.
    pub fn institution(&self, place: u16) -> Option<InstitutionId> {
        self.institutions.get(usize::from(place)).copied()
    }

    /// The bank at a place.
    pub fn bank(&self, place: u16) -> Option<InstitutionId> {
        self.banks.get(usize::from(place)).copied()
    }
}
