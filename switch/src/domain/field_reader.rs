//! Reads little-endian fields off the front of bytes that nobody has checked yet.
//!
//! Invariant: running out of bytes is [`Corrupt`], never a panic. Called by the layouts of the registers.

use super::transaction::Corrupt;

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldReader<'a>(&'a [u8]);

impl<'a> FieldReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Corrupt> {
        let (field, rest) = self.0.split_first_chunk().ok_or(Corrupt(what))?;
        self.0 = rest;
        Ok(*field)
    }

    pub(crate) fn slice(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], Corrupt> {
        let (field, rest) = self.0.split_at_checked(len).ok_or(Corrupt(what))?;
        self.0 = rest;
        Ok(field)
    }

    pub(crate) fn byte(&mut self, what: &'static str) -> Result<u8, Corrupt> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, Corrupt> {
        self.array(what).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, Corrupt> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, Corrupt> {
        self.array(what).map(u64::from_le_bytes)
    }

    pub(crate) fn u128(&mut self, what: &'static str) -> Result<u128, Corrupt> {
        self.array(what).map(u128::from_le_bytes)
    }

    /// Nothing may be left.
    pub(crate) const fn end(self, what: &'static str) -> Result<(), Corrupt> {
        if self.0.is_empty() { Ok(()) } else { Err(Corrupt(what)) }
    }
}
