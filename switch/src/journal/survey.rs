//! Reading segments from the disk in bounded memory: which there are, how far their groups go, what lies behind.
//!
//! Invariant: reads only, except that unfinished segments are removed. What follows from what is found is decided in
//! `recover`.

use std::sync::Arc;

use super::aligned::AlignedBuffer;
use super::chain::Chain;
use super::error::Error;
use super::frame::{self, BLOCK_BYTES, Fault, GroupHeader};
use super::segment::{self, FIRST_GROUP_AT, HeaderFault, SegmentHeader};
use super::storage::{Storage, StoredFile};
use super::window::Window;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// A segment found.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) header: SegmentHeader,
}

impl Found {
    pub(crate) fn open(&self, storage: &dyn Storage) -> Result<Arc<dyn StoredFile>, Error> {
        storage.open(&self.name).map_err(Error::io("open", &self.name))
    }

    /// Whether there is nothing where its first group would be.
    pub(crate) fn begins_empty(&self, storage: &dyn Storage) -> Result<bool, Error> {
        let file = self.open(storage)?;
        let mut window = Window::new(&*file, FIRST_GROUP_AT + BLOCK);
        let block = window.get(FIRST_GROUP_AT, BLOCK).map_err(Error::io("read", &self.name))?;
        Ok(frame::is_zero(block))
    }
}

/// All segments in order, their headers checked; unfinished ones are removed if `clean`.
pub(crate) fn find_segments(storage: &dyn Storage, clean: bool) -> Result<Vec<Found>, Error> {
    let mut bases = Vec::new();
    for name in storage.list().map_err(Error::io("list", "."))? {
        if let Some(base) = segment::segment_base(&name) {
            bases.push(base);
        } else if clean && segment::is_preparing(&name) {
            storage.remove(&name).map_err(Error::io("remove", &name))?;
        }
    }
    bases.sort_unstable();
    let mut found: Vec<Found> = Vec::with_capacity(bases.len());
    for base in bases {
        let segment = find_segment(storage, base)?;
        if let Some(before) = found.last() {
            check_neighbours(before, &segment)?;
        }
        found.push(segment);
    }
    Ok(found)
}

fn find_segment(storage: &dyn Storage, base: u64) -> Result<Found, Error> {
    let name = segment::segment_name(base);
    let file = storage.open(&name).map_err(Error::io("open", &name))?;
    let mut block = AlignedBuffer::new(BLOCK_BYTES);
    let read = file.read_at(&mut block, 0).map_err(Error::io("read", &name))?;
    let header = SegmentHeader::decode(&block[..read]).map_err(|fault| match fault {
        HeaderFault::Version(version) => Error::Version { file: name.clone(), offset: 0, version },
        fault => Error::Corrupt { file: name.clone(), offset: 0, what: fault.to_string() },
    })?;
    let bytes = file.bytes().map_err(Error::io("measure", &name))?;
    if header.base != base || bytes != header.segment_bytes {
        let what = format!(
            "header says {} bytes at position {}, the file has {bytes} bytes",
            header.segment_bytes, header.base
        );
        return Err(Error::Corrupt { file: name, offset: 0, what });
    }
    Ok(Found { name, header })
}

fn check_neighbours(before: &Found, after: &Found) -> Result<(), Error> {
    if before.header.journal != after.header.journal {
        let what = "the segment is of another journal than the one before it".to_owned();
        return Err(Error::Corrupt { file: after.name.clone(), offset: 0, what });
    }
    if before.header.end() != after.header.base {
        return Err(Error::MissingSegment { base: before.header.end() });
    }
    Ok(())
}

/// Follows the groups of one segment up to the first fault.
pub(crate) fn follow(storage: &dyn Storage, segment: &Found, chain: &mut Chain) -> Result<(u64, Fault), Error> {
    let end = segment.header.segment_bytes;
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, end);
    let mut at = FIRST_GROUP_AT;
    while at < end {
        let read = |error| Error::io("read", &segment.name)(error);
        let header = match window.get(at, BLOCK).map(|block| chain.decode(block)) {
            Ok(Ok((header, _))) => header,
            Ok(Err(fault)) => return Ok((at, fault)),
            Err(error) => return Err(read(error)),
        };
        let group = window.get(at, header.group_bytes()).map_err(read)?;
        match chain.step(group, segment.header.base, at) {
            Ok(header) => at += header.group_bytes(),
            Err(fault) => return Ok((at, fault)),
        }
    }
    Ok((end, Fault::Empty))
}

/// Whether the first group of `segment` is sound and continues the chain.
pub(crate) fn starts_with_next(storage: &dyn Storage, segment: &Found, mut chain: Chain) -> Result<bool, Error> {
    if chain.last().is_none() {
        return Ok(false);
    }
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, segment.header.segment_bytes);
    let read = |error| Error::io("read", &segment.name)(error);
    let Ok((header, _)) = chain.decode(window.get(FIRST_GROUP_AT, BLOCK).map_err(read)?) else {
        return Ok(false);
    };
    let group = window.get(FIRST_GROUP_AT, header.group_bytes()).map_err(read)?;
    Ok(chain.step(group, segment.header.base, FIRST_GROUP_AT).is_ok())
}

/// What lies behind the sound groups of a segment.
pub(crate) struct Survey {
    /// Where the last block that is not zero ends.
    pub(crate) used_end: u64,
    /// The group header that claims most, and where it is.
    pub(crate) witness: Option<(u64, GroupHeader)>,
}

/// Looks at every block of a segment from `from` on.
pub(crate) fn survey(storage: &dyn Storage, segment: &Found, from: u64) -> Result<Survey, Error> {
    let file = segment.open(storage)?;
    let mut window = Window::new(&*file, segment.header.segment_bytes);
    let chain = Chain::from_anywhere(segment.header.journal);
    let mut survey = Survey { used_end: from, witness: None };
    let mut at = from;
    while at < segment.header.segment_bytes {
        let block = window.get(at, BLOCK).map_err(Error::io("read", &segment.name))?;
        let found = chain.decode(block);
        if found != Err(Fault::Empty) {
            survey.used_end = at + BLOCK;
        }
        match found {
            Err(Fault::Version(version)) => {
                return Err(Error::Version { file: segment.name.clone(), offset: at, version });
            }
            Ok((header, _)) if chain.is_at_home(&header, segment.header.base, at) => survey.hear(at, header),
            _ => {}
        }
        at += BLOCK;
    }
    Ok(survey)
}

impl Survey {
    fn hear(&mut self, at: u64, header: GroupHeader) {
        if self.witness.as_ref().is_none_or(|(_, before)| before.durable_index < header.durable_index) {
            self.witness = Some((at, header));
        }
    }
}
