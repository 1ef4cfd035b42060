//! Bytes into the listening side: what is one request, and what is none.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clearway_tests::invariant::check_http_head(bytes));
