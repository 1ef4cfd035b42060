//! Bytes into the codec: read, checked, forwarded, read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clearway_tests::invariant::check_decode(bytes));
