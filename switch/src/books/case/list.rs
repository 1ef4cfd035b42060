//! All cases, and their end.

use super::{BookCase, Closing};
use crate::books::{Kept, Space};
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

const ID_DIGITS: usize = 14;

/// The cases in the order in which they were found; only those that are open, or all.
///
/// # Errors
/// [`Fault::Data`] when an entry was written by a version that this one does not know.
pub fn cases(registers: &Registers, only_open: bool) -> Result<Vec<Kept<BookCase>>, Error> {
    let read = |entry: &BookEntry| Ok(Kept::<BookCase>::read(entry)?);
    let mut all = registers.book_entries(Space::Case.keys()).iter().map(read).collect::<Result<Vec<_>, Error>>()?;
    all.retain(|kept| kept.content.is_open() || !only_open);
    all.sort_by_key(|kept| (kept.content.opened_at_us, kept.key));
    Ok(all)
}

/// The case with this id.
///
/// # Errors
/// As [`cases`].
pub fn find(registers: &Registers, id: &str) -> Result<Option<Kept<BookCase>>, Error> {
    let entry = parse_case_id(id).and_then(|number| registers.book_entry(Space::Case.key(number)));
    Ok(entry.map(|entry| Kept::read(&entry)).transpose()?)
}

/// What people call the case with this key: 14 hex digits.
#[must_use]
pub fn case_id(key: u64) -> String {
    format!("{:014x}", Space::number(key))
}

/// The number of an id.
#[must_use]
pub fn parse_case_id(id: &str) -> Option<u64> {
    let is_id = id.len() == ID_DIGITS && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(id, 16).ok().filter(|_| is_id)
}

/// The entry that closes a case.
///
/// # Errors
/// [`Fault::Caller`] when it is closed already, or the note or the name is too long.
pub fn close(kept: &Kept<BookCase>, at_us: u64, by: &str, note: &str) -> Result<BookEntry, Error> {
    if !kept.content.is_open() {
        return Err(Error::new(Fault::Caller, "the case is closed already").at(case_id(kept.key)));
    }
    let closing = Some(Closing { by: by.to_owned(), note: note.to_owned() });
    Ok(kept.next(at_us, BookCase { closing, ..kept.content.clone() }).entry()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back() {
        for number in [0, 7, (1 << 56) - 1] {
            assert_eq!(parse_case_id(&case_id(Space::Case.key(number))), Some(number));
        }
        for id in ["", "1", "+0000000000000", "000000000000000", "zzzzzzzzzzzzzz"] {
            assert_eq!(parse_case_id(id), None, "{id:?}");
        }
    }
}
