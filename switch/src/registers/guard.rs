//! Work under lock: one image is read, the record that changes it is appended, and the next image is put.

use parking_lot::MutexGuard;

use super::cases::Cases;
use super::shard::Shard;
use super::{Registers, shard_of};
use crate::domain::register::{Image, Key};

/// The lock of one image. Not to be held across IO or await, nor while another one is taken.
#[derive(Debug)]
#[must_use = "the lock is released when the guard is dropped"]
pub struct Guard<'r> {
    registers: &'r Registers,
    key: Key,
    lock: Lock<'r>,
}

#[derive(Debug)]
enum Lock<'r> {
    Shard(u64, MutexGuard<'r, Shard>),
    Cases(MutexGuard<'r, Cases>),
}

impl Registers {
    /// Locks the image of `key`, there or not.
    pub fn lock(&self, key: &Key) -> Guard<'_> {
        let lock = match key {
            Key::Agreement(number) | Key::Mandate(number) => {
                let hash = self.hash(number);
                Lock::Shard(hash, self.shards[shard_of(hash)].0.lock())
            }
            Key::Case(_) => Lock::Cases(self.cases.lock()),
        };
        Guard { registers: self, key: *key, lock }
    }
}

impl Guard<'_> {
    /// The image as it is now.
    pub fn image(&self) -> Option<Image> {
        match (&self.lock, &self.key) {
            (Lock::Shard(hash, shard), Key::Agreement(number)) => shard.agreement(*hash, number).map(Image::Agreement),
            (Lock::Shard(hash, shard), Key::Mandate(number)) => shard.mandate(*hash, number).map(Image::Mandate),
            (Lock::Cases(cases), Key::Case(trx_key)) => cases.get(*trx_key).cloned().map(Image::Case),
            _ => None,
        }
    }

    /// Puts the image that follows from the one that this guard showed, or the case that opened instead.
    ///
    /// # Panics
    /// When it is the image of another key, or an old version: that would lose a change, and is a bug of the caller.
    pub fn put(&mut self, image: Image) {
        let registers = self.registers;
        let put = match (&mut self.lock, image) {
            (Lock::Shard(hash, shard), Image::Agreement(agreement)) if self.key == Key::Agreement(agreement.number) => {
                registers.put_agreement(shard, *hash, &agreement)
            }
            (Lock::Shard(hash, shard), Image::Mandate(mandate)) if self.key == Key::Mandate(mandate.number) => {
                shard.mandates.put(*hash, mandate, &registers.hasher)
            }
            (Lock::Cases(cases), Image::Case(case)) if self.key == Key::Case(case.trx_key) => cases.put(case),
            // Numbers are locked before cases, never the other way round.
            (Lock::Shard(..), Image::Case(case)) => {
                registers.cases.lock().put(case);
                true
            }
            (_, image) => panic!("the guard does not lock an image of version {}", image.version()),
        };
        assert!(put, "an image is replaced only by a newer one");
    }
}
