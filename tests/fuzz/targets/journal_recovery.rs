//! Harm to a good journal, then recovery: what was acknowledged is there, or the journal does not open.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| clearway_tests::invariant::check_journal_recovery(bytes));
