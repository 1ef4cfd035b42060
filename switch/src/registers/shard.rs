//! What one lock guards: the registers whose keys hash to it, and where a customer's agreements are.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use super::column::{Column, PackedAgreement};
use super::rows::Rows;
use crate::domain::agreement::{Agreement, Alias, OldNo, SgnNo, Sharing};
use crate::domain::mandate::Mandate;

/// The registers of one shard.
#[derive(Debug, Default)]
pub(super) struct Shard {
    agreements: Column<PackedAgreement>,
    by_customer: Whose<{ Whose::CUSTOMER_AT }>,
    by_account: Whose<{ Whose::ACCOUNT_AT }>,
    pub(super) mandates: Column<Mandate>,
    pub(super) aliases: Column<Alias>,
    pub(super) sharings: Column<Sharing>,
}

impl Shard {
    pub(super) fn agreement(&self, hash: u64, number: &SgnNo) -> Option<Agreement> {
        self.agreements.find(hash, number.to_bytes()).and_then(unpacked)
    }

    pub(super) fn mandate(&self, hash: u64, number: &SgnNo) -> Option<Mandate> {
        self.mandates.find(hash, number.to_bytes()).copied()
    }

    /// Without unpacking what is found: payments ask it once each.
    pub(super) fn knows(&self, hash: u64, number: &SgnNo) -> bool {
        let key = number.to_bytes();
        self.agreements.row_of(hash, key).is_some() || self.mandates.row_of(hash, key).is_some()
    }

    pub(super) fn alias(&self, hash: u64, old: &OldNo) -> Option<&Alias> {
        self.aliases.find(hash, old.to_bytes())
    }

    pub(super) fn sharing(&self, hash: u64, number: &SgnNo) -> Option<&Sharing> {
        self.sharings.find(hash, number.to_bytes())
    }

    /// Puts an agreement in place of an older version; whether it is new, or `None` when what is there is as new.
    pub(super) fn put_agreement(&mut self, hash: u64, agreement: &Agreement, hasher: &RandomState) -> Option<bool> {
        let packed = PackedAgreement(agreement.to_bytes());
        match self.agreements.row_of(hash, agreement.number.to_bytes()) {
            Some(row) => {
                let known = unpacked(self.agreements.rows().get(row))?;
                if known.version >= agreement.version {
                    return None;
                }
                *self.agreements.rows_mut().get_mut(row) = packed;
                let rows = self.agreements.rows();
                self.by_customer.moved(row, known.customer, agreement.customer, rows, hasher);
                self.by_account.moved(row, known.account, agreement.account, rows, hasher);
                Some(false)
            }
            None => {
                let row = self.agreements.add(hash, packed, hasher);
                let rows = self.agreements.rows();
                self.by_customer.moved(row, 0, agreement.customer, rows, hasher);
                self.by_account.moved(row, 0, agreement.account, rows, hasher);
                Some(true)
            }
        }
    }

    /// The agreements of a customer.
    pub(super) fn of_customer(&self, customer: u64, hasher: &RandomState) -> impl Iterator<Item = Agreement> {
        self.by_customer.find(customer, self.agreements.rows(), hasher)
    }

    /// The agreements on an account.
    pub(super) fn of_account(&self, account: u64, hasher: &RandomState) -> impl Iterator<Item = Agreement> {
        self.by_account.find(account, self.agreements.rows(), hasher)
    }

    /// All agreements.
    pub(super) fn all(&self) -> impl Iterator<Item = Agreement> {
        self.agreements.rows().iter().filter_map(unpacked)
    }

    pub(super) const fn packed(&self) -> &Rows<PackedAgreement> {
        self.agreements.rows()
    }

    pub(super) fn mandates(&self) -> usize {
        self.mandates.rows().len()
    }

    pub(super) fn aliases(&self) -> usize {
        self.aliases.rows().len()
    }

    pub(super) fn is_empty(&self) -> bool {
        let numbered = self.agreements.rows().len() + self.mandates() + self.sharings.rows().len();
        numbered + self.aliases() == 0
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let agreements = self.agreements.memory_bytes() + self.by_customer.memory_bytes();
        let others = self.mandates.memory_bytes() + self.aliases.memory_bytes() + self.sharings.memory_bytes();
        agreements + self.by_account.memory_bytes() + others
    }
}

/// Only what came out of an [`Agreement`] is packed, so it always comes back.
fn unpacked(packed: &PackedAgreement) -> Option<Agreement> {
    Agreement::from_bytes(&packed.0).ok()
}

/// Whose agreement a row is: an index by the digest at byte `AT` of a row. The same digest may stand there for many rows;
/// 0, the digest of nobody, is left out.
#[derive(Debug, Default)]
struct Whose<const AT: usize> {
    index: HashTable<u32>,
}

impl Whose<0> {
    /// Where the layout of an agreement has the digests.
    const ACCOUNT_AT: usize = 40;
    const CUSTOMER_AT: usize = 48;
}

impl<const AT: usize> Whose<AT> {
    fn digest(row: &PackedAgreement) -> u64 {
        row.0[AT..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// Row `row` belonged to `before` and now belongs to `after`; `rows` has it already.
    fn moved(&mut self, row: u32, before: u64, after: u64, rows: &Rows<PackedAgreement>, hasher: &RandomState) {
        if before == after {
            return;
        }
        if before != 0
            && let Ok(entry) = self.index.find_entry(hasher.hash_one(before), |known| *known == row)
        {
            entry.remove();
        }
        if after != 0 {
            let hash = |row: &u32| hasher.hash_one(Self::digest(rows.get(*row)));
            self.index.insert_unique(hasher.hash_one(after), row, hash);
        }
    }

    fn find<'a>(
        &'a self,
        digest: u64,
        rows: &'a Rows<PackedAgreement>,
        hasher: &RandomState,
    ) -> impl Iterator<Item = Agreement> + use<'a, AT> {
        let candidates = self.index.iter_hash(hasher.hash_one(digest)).filter(move |_| digest != 0);
        candidates.map(|row| rows.get(*row)).filter(move |row| Self::digest(row) == digest).filter_map(unpacked)
    }

    fn memory_bytes(&self) -> usize {
        self.index.allocation_size()
    }
}
