//! Failing operations.
