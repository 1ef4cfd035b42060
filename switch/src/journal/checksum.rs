//! CRC32C (Castagnoli), the one checksum of everything the journal puts on disk.
//!
//! Invariant: a checksum always covers *where* bytes belong besides the bytes themselves (see [`super::frame`]), so that a
//! sound block in the wrong place is not taken for valid. Called by `frame`, `segment` and `checkpoint`.

/// CRC32C of `bytes`.
pub(crate) fn crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes)
}

/// CRC32C of what gave `crc` followed by `bytes`.
pub(crate) fn extend(crc: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_check_value_of_rfc_3720() {
        assert_eq!(crc(b"123456789"), 0xE306_9283);
        assert_eq!(crc(&[0u8; 32]), 0x8A91_36AA);
        assert_eq!(extend(crc(b"1234"), b"56789"), 0xE306_9283);
    }
}
