//! Bytes into the envelope: the signed span and the signature block.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clearway_tests::invariant::check_envelope(bytes));
