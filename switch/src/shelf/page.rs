//! Pages of records of one length, each with its checksum.

use crate::domain::transaction::PAYMENT_BYTES;

/// Length of a page.
pub(super) const PAGE_BYTES: usize = 16 << 10;
const HEAD_BYTES: usize = 8;

/// What the records of a section are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Images,
    Keys,
    Orders,
}

impl Section {
    pub(super) const fn record_bytes(self) -> usize {
        match self {
            Self::Images => PAYMENT_BYTES,
            Self::Keys => size_of::<u128>(),
            Self::Orders => ORDER_BYTES,
        }
    }

    /// Most records of one page.
    pub(super) const fn records_max(self) -> usize {
        (PAGE_BYTES - HEAD_BYTES) / self.record_bytes()
    }
}

/// An order: institution u64, its number's digest u64, when it was accepted u64, key u128; so by its number, the latest last.
pub(super) const ORDER_BYTES: usize = 40;

/// Where a page stands: mixed into its checksum, so that a page in another's place is found out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) run: u64,
    pub(super) page: u64,
}

/// One page being filled.
#[derive(Debug)]
pub(super) struct Filling {
    section: Section,
    bytes: Vec<u8>,
}

impl Filling {
    pub(super) fn new(section: Section) -> Self {
        let mut bytes = Vec::with_capacity(PAGE_BYTES);
        bytes.resize(HEAD_BYTES, 0);
        Self { section, bytes }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.len() <= HEAD_BYTES
    }

    pub(super) const fn is_full(&self) -> bool {
        self.bytes.len() + self.section.record_bytes() > PAGE_BYTES
    }

    /// Adds a record to a page that is not full.
    pub(super) fn push(&mut self, record: &[u8]) {
        debug_assert!(record.len() == self.section.record_bytes() && !self.is_full());
        self.bytes.extend_from_slice(record);
    }

    /// The whole page; then it is empty.
    pub(super) fn take<T>(&mut self, place: Place, mut write: impl FnMut(&[u8]) -> T) -> T {
        let count = ((self.bytes.len() - HEAD_BYTES) / self.section.record_bytes()) as u32;
        let crc = crc_of(&self.bytes[HEAD_BYTES..], count, place);
        self.bytes[0..4].copy_from_slice(&count.to_le_bytes());
        self.bytes[4..8].copy_from_slice(&crc.to_le_bytes());
        self.bytes.resize(PAGE_BYTES, 0);
        let written = write(&self.bytes);
        self.bytes.truncate(HEAD_BYTES);
        written
    }
}

fn crc_of(records: &[u8], count: u32, place: Place) -> u32 {
    let mut whole = crc32c::crc32c(records);
    whole = crc32c::crc32c_append(whole, &count.to_le_bytes());
    whole = crc32c::crc32c_append(whole, &place.page.to_le_bytes());
    crc32c::crc32c_append(whole, &place.run.to_le_bytes())
}

/// The records of a page, one after the other; none when the page is not as it was written.
pub(super) fn records(section: Section, bytes: &[u8], place: Place) -> Option<&[u8]> {
    let count = u32::from_le_bytes(*bytes.first_chunk()?);
    let crc = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
    let length = usize::try_from(count).ok().filter(|count| *count <= section.records_max())? * section.record_bytes();
    let records = bytes.get(HEAD_BYTES..HEAD_BYTES + length)?;
    (crc_of(records, count, place) == crc).then_some(records)
}
