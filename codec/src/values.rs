//! The values of a message that is being made, or that are to stand in one that is sent on.

use std::borrow::Cow;

use crate::catalogue::{FIELD_COUNT, Field, SLOT_COUNT};

/// Most different fields that can be set: those of any message, and some that it does not have.
const VALUES_MAX: usize = 64;

/// The values of a new message, by field. Borrowed, on the stack.
///
/// An optional field that is not set is left out; one that is set to nothing is written as an
/// empty element. Header fields come from the [`Header`](crate::Header) and are not looked for
/// here, but for the two that belong to encrypted values: `NcrptnSN` and `DgtlEnvlp`.
///
/// A field that the message does not have does no harm. There is room for as many different fields
/// as the largest message has (48), and 16 more.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    /// By field: its number in the three below, from 1; 0 when it is not set.
    index: [u8; FIELD_COUNT],
    count: u8,
    /// Bit n: value n is still to be escaped.
    is_text: u64,
    fields: [Field; VALUES_MAX],
    values: [Option<&'a [u8]>; VALUES_MAX],
    repeated: Option<(Field, &'a [&'a [u8]])>,
}

const _: () = assert!(SLOT_COUNT < VALUES_MAX && VALUES_MAX <= u64::BITS as usize);
// It is made anew for every message.
const _: () = assert!(size_of::<Values<'_>>() <= 1_280);

impl Default for Values<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a> Values<'a> {
    /// No values.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            index: [0; FIELD_COUNT],
            count: 0,
            is_text: 0,
            fields: [Field::SndDt; VALUES_MAX],
            values: [None; VALUES_MAX],
            repeated: None,
        }
    }

    /// Sets `field` to bytes that are escaped already, such as a value of another message.
    ///
    /// # Panics
    /// When more than 64 different fields are set, which no message has by far.
    pub const fn set(&mut self, field: Field, value: &'a [u8]) -> &mut Self {
        let entry = self.entry(field);
        self.values[entry] = Some(value);
        self.is_text &= !(1 << entry);
        self
    }

    /// Sets `field` to text, which is escaped when it is written.
    ///
    /// # Panics
    /// As [`set`](Self::set).
    pub const fn set_text(&mut self, field: Field, value: &'a str) -> &mut Self {
        let entry = self.entry(field);
        self.values[entry] = Some(value.as_bytes());
        self.is_text |= 1 << entry;
        self
    }

    /// Sets the values of a field that may be repeated, escaped already; one such field at a time.
    pub const fn set_items(&mut self, field: Field, items: &'a [&'a [u8]]) -> &mut Self {
        self.repeated = Some((field, items));
        self
    }

    /// What `field` is set to, as it was given.
    #[must_use]
    pub const fn get(&self, field: Field) -> Option<&'a [u8]> {
        match self.index[field as usize] {
            0 => None,
            number => self.values[number as usize - 1],
        }
    }

    /// The items that `field` is set to, as they were given; none when it is not set.
    #[must_use]
    pub fn items(&self, field: Field) -> &'a [&'a [u8]] {
        match self.repeated {
            Some((set, items)) if set == field => items,
            _ => &[],
        }
    }

    /// The fields that are set, but for items, in no particular order.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields[..usize::from(self.count)]
    }

    /// What `field` is set to, as it is written.
    pub(crate) fn escaped(&self, field: Field) -> Option<Cow<'a, [u8]>> {
        let value = self.get(field)?;
        let entry = self.index[field as usize] - 1;
        if self.is_text >> entry & 1 == 0 {
            return Some(Cow::Borrowed(value));
        }
        // It came as text, so it is UTF-8.
        let text = str::from_utf8(value).ok()?;
        Some(match quick_xml::escape::partial_escape(text) {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes()),
        })
    }

    /// The entry of `field`, made if there is none.
    const fn entry(&mut self, field: Field) -> usize {
        let place = &mut self.index[field as usize];
        if *place == 0 {
            assert!((self.count as usize) < VALUES_MAX, "more values than any message has");
            self.fields[self.count as usize] = field;
            self.count += 1;
            *place = self.count;
        }
        *place as usize - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_set_counts() {
        let mut values = Values::new();
        values.set(Field::PyeeNm, b"a &amp; b").set_text(Field::TrxId, "1");
        assert_eq!(values.escaped(Field::PyeeNm).as_deref(), Some(&b"a &amp; b"[..]));
        values.set_text(Field::PyeeNm, "a & <b>");
        assert_eq!(values.get(Field::PyeeNm), Some(&b"a & <b>"[..]), "as it was given");
        assert_eq!(values.escaped(Field::PyeeNm).as_deref(), Some("a &amp; &lt;b&gt;".as_bytes()));
        values.set(Field::PyeeNm, b"");
        assert_eq!(values.escaped(Field::PyeeNm).as_deref(), Some(&b""[..]));
        assert_eq!(values.fields(), [Field::PyeeNm, Field::TrxId]);
        assert_eq!(values.get(Field::SgnNo), None);
    }

    #[test]
    fn there_is_room_for_the_largest_message() {
        let mut values = Values::new();
        for field in Field::ALL.iter().take(VALUES_MAX) {
            values.set(*field, field.name().as_bytes());
        }
        for (index, field) in Field::ALL.iter().enumerate() {
            let expected = (index < VALUES_MAX).then_some(field.name().as_bytes());
            assert_eq!(values.get(*field), expected);
        }
    }

    #[test]
    #[should_panic(expected = "more values than any message has")]
    fn more_is_a_mistake_of_the_program() {
        let mut values = Values::new();
        for field in Field::ALL.iter().take(VALUES_MAX + 1) {
            values.set(*field, b"");
        }
    }
}
