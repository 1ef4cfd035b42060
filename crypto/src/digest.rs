//! SHA-256 for content digests (duplicate detection, evidence); not part of any signature.

/// SHA-256 of `bytes`; allocates nothing.
///
/// ```
/// assert_eq!(clearway_crypto::sha256(b"abc")[..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::sha256;

    /// FIPS 180-4's example, and aws-lc as a second opinion around the block size.
    #[test]
    fn agrees_with_the_standard_and_another_library() {
        assert_eq!(sha256(b"abc")[28..], [0xf2, 0x00, 0x15, 0xad]);
        for len in [0, 55, 56, 63, 64, 65, 1000] {
            let bytes = vec![0x61; len];
            let other = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
            assert_eq!(sha256(&bytes), other.as_ref());
        }
    }
}
