//! Images into the registers: from commit, from the journal, from a checkpoint; a newer version wins.

use std::sync::atomic::Ordering;

use super::shard::Shard;
use super::{Registers, shard_of};
use crate::domain::agreement::Agreement;
use crate::domain::register::{BookEntry, Image, Setting};

impl Registers {
    /// Puts an image in place of an older version of it; whether it did: what is known as new, or newer, stays. So images may be
    /// applied twice, and a checkpoint may be newer than the journal position it stands for.
    pub fn apply(&self, image: &Image) -> bool {
        match image {
            Image::Agreement(agreement) => {
                let hash = self.hash(&agreement.number);
                self.put_agreement(&mut self.shards[shard_of(hash)].0.lock(), hash, agreement)
            }
            Image::Mandate(mandate) => {
                let hash = self.hash(&mandate.number);
                self.shards[shard_of(hash)].0.lock().mandates.put(hash, *mandate, &self.hasher)
            }
            Image::Alias(alias) => {
                let hash = self.hash(&alias.old);
                self.has_aliases.store(true, Ordering::Relaxed);
                self.shards[shard_of(hash)].0.lock().aliases.put(hash, *alias, &self.hasher)
            }
            Image::Sharing(sharing) => {
                let hash = self.hash(&sharing.number);
                self.shards[shard_of(hash)].0.lock().sharings.put(hash, sharing.clone(), &self.hasher)
            }
            Image::Case(case) => self.cases.lock().put(case.clone()),
            Image::Setting(setting) => self.put_setting(setting),
            Image::Book(entry) => self.put_book(entry),
        }
    }

    pub(super) fn put_agreement(&self, shard: &mut Shard, hash: u64, agreement: &Agreement) -> bool {
        let put = shard.put_agreement(hash, agreement, &self.hasher);
        if put == Some(true) {
            self.agreements.fetch_add(1, Ordering::Relaxed);
        }
        put.is_some()
    }

    fn put_book(&self, entry: &BookEntry) -> bool {
        let mut books = self.books.lock();
        let newer = books.get(&entry.key).is_none_or(|known| known.version < entry.version);
        if newer {
            books.insert(entry.key, entry.clone());
        }
        newer
    }

    fn put_setting(&self, setting: &Setting) -> bool {
        let mut settings = self.settings.lock();
        let newer = settings.get(&setting.key).is_none_or(|known| known.version < setting.version);
        if newer {
            settings.insert(setting.key, setting.clone());
        }
        newer
    }
}
