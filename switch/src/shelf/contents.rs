//! What is on a shelf, in short: kept in memory for every shelf.

use std::collections::BTreeMap;

use clearway_codec::value::{BeijingTime, Date};

use super::page::Section;
use crate::domain::Payment;
use crate::domain::business::{KEY_TAG, trx_id_of};
use crate::domain::clearing::BatchName;
use crate::domain::field_reader::FieldReader;
use crate::domain::transaction::{Corrupt, Leg};

/// The day of a key: what sets its business apart, and the date in its TrxId as a number, `yyyymmdd`.
pub(super) type KeyDay = (u8, u32);

/// The [`KeyDay`] of a key; the day is 0 where there is none.
pub(super) fn day_of(key: u128) -> KeyDay {
    let day = trx_id_of(key).map_or(0, |id| id.date().to_number());
    ((key / KEY_TAG) as u8, day)
}

/// What channels had counted of the payments on a shelf: a restart counts the same (see [`crate::routing`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Participant index of the bank.
    pub bank: u16,
    /// The channel's number within the bank.
    pub number: u8,
    /// The day of acceptance.
    pub day: Date,
    /// Legs.
    pub count: u64,
    /// Their sum, fen; stops at the largest number.
    pub amount_fen: u64,
}

/// What is on a shelf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Number of the run of retirement that made it, from 1.
    pub run: u64,
    /// The batch that it was made for.
    pub batch: BatchName,
    /// Payments on it.
    pub payments: u64,
    /// Of them, by the day of their keys.
    pub(super) days: BTreeMap<KeyDay, u64>,
    /// Of them, by their clearing batch in its compact form.
    pub(super) batches: BTreeMap<u32, u64>,
    /// Of them those that limits count, by the day of acceptance, in days since 1970.
    pub(super) limited: BTreeMap<i32, u64>,
    /// Counted by channels: (bank, number, day since 1970) -> (count, fen).
    pub(super) volumes: BTreeMap<(u16, u8, i32), (u64, u64)>,
    /// Of them, those that an older shelf has too.
    pub(super) came_back: u64,
    pub(super) image_pages: u64,
    /// The first key of each page of keys.
    pub(super) first_keys: Vec<u128>,
    /// The first order of each page of orders: institution, digest.
    pub(super) first_orders: Vec<(u64, u64)>,
}

impl Contents {
    pub(super) const fn new(run: u64, batch: BatchName) -> Self {
        Self {
            run,
            batch,
            payments: 0,
            days: BTreeMap::new(),
            batches: BTreeMap::new(),
            limited: BTreeMap::new(),
            volumes: BTreeMap::new(),
            came_back: 0,
            image_pages: 0,
            first_keys: Vec::new(),
            first_orders: Vec::new(),
        }
    }

    /// Counts one more payment; one that came back is counted where it was first.
    pub(super) fn count(&mut self, payment: &Payment, came_back: bool) {
        self.payments += 1;
        *self.days.entry(day_of(payment.trx_id)).or_default() += 1;
        *self.batches.entry(payment.batch).or_default() += 1;
        let day = || BeijingTime::from_unix_micros(payment.accepted_at_us).date().days();
        if payment.has_failed() || came_back {
            return;
        }
        if !payment.layers.is_empty() {
            *self.limited.entry(day()).or_default() += 1;
        }
        for leg in Leg::ALL.into_iter().filter(|leg| payment.is_counted(*leg)) {
            let (count, fen) = self.volumes.entry((payment.bank(leg), payment.way(leg), day())).or_default();
            *count += 1;
            *fen = fen.saturating_add(payment.amount_fen);
        }
    }

    /// What channels counted of its payments.
    pub fn volumes(&self) -> impl Iterator<Item = Volume> {
        self.volumes.iter().filter_map(|((bank, number, day), (count, amount_fen))| {
            let day = Date::from_days(*day)?;
            Some(Volume { bank: *bank, number: *number, day, count: *count, amount_fen: *amount_fen })
        })
    }

    /// Whether limits count payments of it that were accepted on `day` or later.
    #[must_use]
    pub fn is_limited_since(&self, day: Date) -> bool {
        self.limited.range(day.days()..).next().is_some()
    }

    pub(super) const fn key_pages(&self) -> u64 {
        self.first_keys.len() as u64
    }

    pub(super) const fn order_pages(&self) -> u64 {
        self.first_orders.len() as u64
    }

    /// Pages of the keys that came back.
    pub(super) const fn came_back_pages(&self) -> u64 {
        self.came_back.div_ceil(Section::Keys.records_max() as u64)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for number in [self.run, self.batch.as_u64(), self.payments, self.image_pages, self.came_back] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        put_all(&mut out, self.days.iter(), |out, ((tag, day), count)| {
            out.push(*tag);
            out.extend_from_slice(&day.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
        });
        put_all(&mut out, self.batches.iter(), |out, (batch, count)| {
            out.extend_from_slice(&batch.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
        });
        put_all(&mut out, self.limited.iter(), |out, (day, count)| {
            out.extend_from_slice(&day.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
        });
        put_all(&mut out, self.volumes.iter(), |out, ((bank, number, day), (count, fen))| {
            out.extend_from_slice(&bank.to_le_bytes());
            out.push(*number);
            out.extend_from_slice(&day.to_le_bytes());
            out.extend_from_slice(&count.to_le_bytes());
            out.extend_from_slice(&fen.to_le_bytes());
        });
        put_all(&mut out, self.first_keys.iter(), |out, key| out.extend_from_slice(&key.to_le_bytes()));
        put_all(&mut out, self.first_orders.iter(), |out, (institution, digest)| {
            out.extend_from_slice(&institution.to_le_bytes());
            out.extend_from_slice(&digest.to_le_bytes());
        });
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let mut rest = FieldReader::new(bytes);
        let run = rest.u64("run")?;
        let batch = BatchName::from_u64(rest.u64("batch")?).ok_or(Corrupt("batch"))?;
        let (payments, image_pages) = (rest.u64("payments")?, rest.u64("pages")?);
        let came_back = rest.u64("came back")?;
        let contents = Self {
            payments,
            image_pages,
            came_back,
            days: take_all(&mut rest, |rest| Ok(((rest.byte("day")?, rest.u32("day")?), rest.u64("day")?)))?,
            batches: take_all(&mut rest, |rest| Ok((rest.u32("batches")?, rest.u64("batches")?)))?,
            limited: take_all(&mut rest, |rest| Ok((day(rest)?, rest.u64("limited")?)))?,
            volumes: take_all(&mut rest, |rest| {
                let place = (rest.u16("volume")?, rest.byte("volume")?, day(rest)?);
                Ok((place, (rest.u64("volume")?, rest.u64("volume")?)))
            })?,
            first_keys: take_all(&mut rest, |rest| rest.u128("keys"))?,
            first_orders: take_all(&mut rest, |rest| Ok((rest.u64("orders")?, rest.u64("orders")?)))?,
            ..Self::new(run, batch)
        };
        rest.end("contents")?;
        Ok(contents)
    }
}

fn day(rest: &mut FieldReader<'_>) -> Result<i32, Corrupt> {
    rest.array("day").map(i32::from_le_bytes)
}

fn put_all<T>(out: &mut Vec<u8>, all: impl ExactSizeIterator<Item = T>, put: impl Fn(&mut Vec<u8>, T)) {
    out.extend_from_slice(&(all.len() as u64).to_le_bytes());
    all.for_each(|one| put(out, one));
}

fn take_all<'a, T, C: FromIterator<T>>(
    rest: &mut FieldReader<'a>,
    take: impl Fn(&mut FieldReader<'a>) -> Result<T, Corrupt>,
) -> Result<C, Corrupt> {
    let count = rest.u64("count")?;
    // Each takes bytes, so a count that is too large ends with them.
    (0..count).map(|_| take(rest)).collect()
}
