//! Other names of an agreement: its number of the direct-link time, and the merchants that share it.

use super::number::{MerchantNo, OldNo, SgnNo};

/// Most merchants that one agreement names (ours).
pub const MERCHANTS_MAX: usize = 16;

/// A number of the direct-link time and the agreement that it now means (business.md section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The old number: the key.
    pub old: OldNo,
    /// The number that the agreement has now.
    pub number: SgnNo,
    /// Number of changes, 1 for the first image.
    pub version: u32,
}

/// The merchants of one institution that share an agreement, such as its asset side and its fund side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sharing {
    /// The agreement: the key.
    pub number: SgnNo,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// Whose it is, at most [`MERCHANTS_MAX`].
    pub merchants: Vec<MerchantNo>,
}
