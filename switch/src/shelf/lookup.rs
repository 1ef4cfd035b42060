//! Finds records of a shelf by halving: contents in memory, a page of keys, a page of images.

use std::collections::BTreeSet;

use super::file::{Pages, Shelf};
use super::page::{ORDER_BYTES, Section};
use crate::domain::Payment;
use crate::domain::transaction::PAYMENT_BYTES;
use crate::error::Error;

/// Questions to one shelf; remembers the last page of each kind, so rising keys read each page once.
#[derive(Debug)]
pub(super) struct Lookup<'s> {
    shelf: &'s Shelf,
    pages: Pages<'s>,
    keys: Kept,
    images: Kept,
}

/// The records of the page that was read last.
#[derive(Debug, Default)]
struct Kept {
    number: Option<u64>,
    records: Vec<u8>,
}

impl Kept {
    fn read(&mut self, pages: &Pages<'_>, section: Section, number: u64) -> Result<&[u8], Error> {
        if self.number != Some(number) {
            self.number = None;
            pages.read(section, number, &mut self.records)?;
            self.number = Some(number);
        }
        Ok(&self.records)
    }
}

impl<'s> Lookup<'s> {
    pub(super) fn new(shelf: &'s Shelf, pages: Pages<'s>) -> Self {
        Self { shelf, pages, keys: Kept::default(), images: Kept::default() }
    }

    pub(super) const fn pages(&self) -> &Pages<'s> {
        &self.pages
    }

    /// The page of images on which `key` would be; none when it is below the first.
    pub(super) fn page_of(&mut self, key: u128) -> Result<Option<u64>, Error> {
        let contents = self.shelf.contents();
        let Some(of_keys) = contents.first_keys.partition_point(|first| *first <= key).checked_sub(1) else {
            return Ok(None);
        };
        let records = self.keys.read(&self.pages, Section::Keys, contents.image_pages + of_keys as u64)?;
        let (keys, _) = records.as_chunks::<{ size_of::<u128>() }>();
        let within = keys.partition_point(|first| u128::from_le_bytes(*first) <= key);
        Ok(within.checked_sub(1).map(|within| (of_keys * Section::Keys.records_max() + within) as u64))
    }

    pub(super) fn find(&mut self, key: u128) -> Result<Option<Payment>, Error> {
        let Some(page) = self.page_of(key)? else { return Ok(None) };
        let records = self.images.read(&self.pages, Section::Images, page)?;
        let (images, _) = records.as_chunks::<PAYMENT_BYTES>();
        let Ok(at) = images.binary_search_by_key(&key, key_of) else { return Ok(None) };
        let payment =
            Payment::from_bytes(&images[at]).map_err(|corrupt| self.pages.damaged(page).caused_by(corrupt))?;
        Ok(Some(payment))
    }

    /// The keys of payments that an older shelf has too.
    pub(super) fn came_back(&mut self) -> Result<BTreeSet<u128>, Error> {
        let contents = self.shelf.contents();
        let first = contents.image_pages + contents.key_pages() + contents.order_pages();
        let (mut keys, mut records) = (BTreeSet::new(), Vec::new());
        for page in first..first + contents.came_back_pages() {
            self.pages.read(Section::Keys, page, &mut records)?;
            let (of_page, _) = records.as_chunks::<{ size_of::<u128>() }>();
            keys.extend(of_page.iter().map(|key| u128::from_le_bytes(*key)));
        }
        Ok(keys)
    }

    /// The latest transaction of an order: when it was accepted, and its key. The last of its records is the latest, and may stand
    /// on a later page than its first.
    pub(super) fn find_order(&mut self, institution: u64, digest: u64) -> Result<Option<(u64, u128)>, Error> {
        let contents = self.shelf.contents();
        let wanted = (institution, digest);
        let Some(of_orders) = contents.first_orders.partition_point(|first| *first <= wanted).checked_sub(1) else {
            return Ok(None);
        };
        let mut records = Vec::new();
        let page = contents.image_pages + contents.key_pages() + of_orders as u64;
        self.pages.read(Section::Orders, page, &mut records)?;
        let (orders, _) = records.as_chunks::<ORDER_BYTES>();
        let behind = orders.partition_point(|order| (field(order, 0), field(order, 8)) <= wanted);
        let last = behind.checked_sub(1).map(|at| &orders[at]);
        let is_it = |order: &&[u8; ORDER_BYTES]| (field(*order, 0), field(*order, 8)) == wanted;
        Ok(last.filter(is_it).map(|order| {
            let key = u128::from(field(order, 24)) | u128::from(field(order, 32)) << 64;
            (field(order, 16), key)
        }))
    }
}

fn key_of(image: &[u8; PAYMENT_BYTES]) -> u128 {
    image.first_chunk().map_or(0, |key| u128::from_le_bytes(*key))
}

fn field(record: &[u8], at: usize) -> u64 {
    record.get(at..).and_then(|rest| rest.first_chunk()).map_or(0, |field| u64::from_le_bytes(*field))
}
