//! Writes one shelf, from its first byte to its last.

use std::io::{self, Write};

use super::contents::Contents;
use super::page::{Filling, PAGE_BYTES, Place, Section};
use crate::domain::Payment;
use crate::domain::clearing::BatchName;
use crate::table::is_order;

/// Begins the trailer.
pub(super) const MAGIC: [u8; 8] = *b"CWSHELF1";
/// The form that this version writes and reads.
pub(super) const VERSION: u32 = 1;
/// The last bytes of the file.
pub(super) const TRAILER_BYTES: usize = 32;

/// Writes the after-images of payments, which must come by rising keys. Holds 16 bytes for each page and 40 for each order; nothing
/// counts before [`finish`](Self::finish), and whoever owns the file has to make it durable then.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    contents: Contents,
    images: Filling,
    last_key: u128,
    /// The first key of each page of images.
    keys: Vec<u128>,
    /// Institution, digest, accepted_at_us, key.
    orders: Vec<(u64, u64, u64, u128)>,
    /// Keys of payments that an older shelf has too.
    came_back: Vec<u128>,
    pages: u64,
}

impl<W: Write> Writer<W> {
    /// Begins the shelf of retirement's run `run`, made for `batch`.
    pub fn new(out: W, run: u64, batch: BatchName) -> Self {
        Self {
            out,
            contents: Contents::new(run, batch),
            images: Filling::new(Section::Images),
            last_key: 0,
            keys: Vec::new(),
            orders: Vec::new(),
            came_back: Vec::new(),
            pages: 0,
        }
    }

    /// Payments written so far.
    pub const fn payments(&self) -> u64 {
        self.contents.payments
    }

    /// Adds a payment; `came_back`: an older shelf has it too, and counts it.
    ///
    /// # Errors
    /// The disk's; [`io::ErrorKind::InvalidInput`] when its key does not lie behind the one before.
    pub fn add(&mut self, payment: &Payment, came_back: bool) -> io::Result<()> {
        if payment.trx_id <= self.last_key {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "payments of a shelf come by rising keys"));
        }
        self.last_key = payment.trx_id;
        if self.images.is_full() {
            self.end_images()?;
        }
        if self.images.is_empty() {
            self.keys.push(payment.trx_id);
        }
        self.images.push(&payment.to_bytes());
        self.contents.count(payment, came_back);
        if came_back {
            self.came_back.push(payment.trx_id);
        }
        if is_order(payment) {
            self.orders.push((u64::from(payment.institution), payment.account, payment.accepted_at_us, payment.trx_id));
        }
        Ok(())
    }

    /// Ends the shelf; gives back where it was written to, and what is on it.
    ///
    /// # Errors
    /// The disk's.
    pub fn finish(mut self) -> io::Result<(W, Contents)> {
        if !self.images.is_empty() {
            self.end_images()?;
        }
        self.contents.image_pages = self.pages;
        self.write_keys()?;
        self.write_orders()?;
        let came_back = std::mem::take(&mut self.came_back);
        self.contents.came_back = came_back.len() as u64;
        self.write_section(Section::Keys, came_back.iter().map(|key| key.to_le_bytes()))?;
        let contents = self.contents.encode();
        self.out.write_all(&contents)?;
        self.out.write_all(&trailer(&contents, self.pages * PAGE_BYTES as u64)?)?;
        Ok((self.out, self.contents))
    }

    fn end_images(&mut self) -> io::Result<()> {
        let place = Place { run: self.contents.run, page: self.pages };
        self.pages += 1;
        self.images.take(place, |page| self.out.write_all(page))
    }

    fn write_keys(&mut self) -> io::Result<()> {
        let keys = std::mem::take(&mut self.keys);
        self.contents.first_keys = keys.iter().copied().step_by(Section::Keys.records_max()).collect();
        self.write_section(Section::Keys, keys.iter().map(|key| key.to_le_bytes()))
    }

    fn write_orders(&mut self) -> io::Result<()> {
        let mut orders = std::mem::take(&mut self.orders);
        orders.sort_unstable();
        let firsts = orders.iter().step_by(Section::Orders.records_max());
        self.contents.first_orders = firsts.map(|(institution, digest, _, _)| (*institution, *digest)).collect();
        let records = orders.iter().map(|(institution, digest, accepted_at_us, key)| {
            let [institution, digest, accepted] =
                [institution, digest, accepted_at_us].map(|field| field.to_le_bytes());
            [institution.as_slice(), &digest, &accepted, &key.to_le_bytes()].concat()
        });
        self.write_section(Section::Orders, records)
    }

    fn write_section(&mut self, section: Section, records: impl Iterator<Item = impl AsRef<[u8]>>) -> io::Result<()> {
        let mut page = Filling::new(section);
        let run = self.contents.run;
        let (out, pages) = (&mut self.out, &mut self.pages);
        let mut end = |page: &mut Filling| {
            let place = Place { run, page: *pages };
            *pages += 1;
            page.take(place, |page| out.write_all(page))
        };
        for record in records {
            if page.is_full() {
                end(&mut page)?;
            }
            page.push(record.as_ref());
        }
        if page.is_empty() { Ok(()) } else { end(&mut page) }
    }
}

fn trailer(contents: &[u8], contents_at: u64) -> io::Result<[u8; TRAILER_BYTES]> {
    let length = u32::try_from(contents.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the contents of a shelf are longer than 4 GiB"))?;
    let mut trailer = [0; TRAILER_BYTES];
    trailer[0..8].copy_from_slice(&MAGIC);
    trailer[8..12].copy_from_slice(&VERSION.to_le_bytes());
    trailer[12..16].copy_from_slice(&length.to_le_bytes());
    trailer[16..20].copy_from_slice(&crc32c::crc32c(contents).to_le_bytes());
    trailer[24..32].copy_from_slice(&contents_at.to_le_bytes());
    Ok(trailer)
}
