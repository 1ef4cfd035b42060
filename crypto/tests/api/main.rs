//! The crate judged through its public interface.

mod batch;
mod cross;
mod fixtures;
mod keyring;
mod keys;
mod openssl;
mod vectors;
