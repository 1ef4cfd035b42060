//! The most memory that this process has had, as the kernel counts it.

use std::fs;

use crate::error::Error;

/// The highest resident size since the start, or since [`begin`], in bytes.
///
/// # Errors
/// `/proc` has another form.
pub(super) fn peak_bytes() -> Result<u64, Error> {
    let status = fs::read_to_string("/proc/self/status").map_err(Error::machine("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib * 1_024).ok_or_else(|| Error::Unsuited("/proc/self/status has another form".into()))
}

/// Begins to look anew. Where the kernel does not allow it the peak is that of everything before, which is never too small.
pub(super) fn begin() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_touched_is_seen() {
        begin();
        let before = peak_bytes().unwrap();
        let touched = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(peak_bytes().unwrap() >= before + (touched.len() as u64) / 2);
    }
}
