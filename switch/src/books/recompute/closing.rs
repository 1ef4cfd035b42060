//! What the books themselves said of the batch, found on the way.

use crate::books::{BatchEntry, Kept, Space};
use crate::domain::clearing::BatchName;
use crate::domain::record::{Entry, REGISTERS_VERSION};
use crate::domain::register::Image;

/// The entry of a batch in a record of registers alone; the books record theirs in no other.
pub(super) fn entry_of(record: &[u8], batch: BatchName) -> Result<Option<BatchEntry>, String> {
    if record.first() != Some(&REGISTERS_VERSION) {
        return Ok(None);
    }
    let key = Space::Batch.key(batch.as_u64());
    let mut images = Entry::decode(record).map_err(|corrupt| corrupt.to_string())?.images();
    while !images.is_empty() {
        let (image, bytes) = Image::decode(images).map_err(|corrupt| corrupt.to_string())?;
        images = images.get(bytes..).unwrap_or_default();
        if let Image::Book(entry) = image
            && entry.key == key
        {
            return Kept::read(&entry).map(|kept| Some(kept.content)).map_err(|corrupt| corrupt.to_string());
        }
    }
    Ok(None)
}
