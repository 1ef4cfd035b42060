//! The crate judged through its public interface.

mod batch;
mod cross;
mod envelope;
mod fixtures;
mod keyring;
mod keys;
mod openssl;
mod openssl_envelope;
mod transport;
mod vectors;
