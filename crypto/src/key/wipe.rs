//! Wipes a private key form whose library does not do it.
//!
//! Invariant: when a [`Wiped`] goes, its heap cell no longer holds the secret. Copies that a library
//! left on the stack while it computed are out of reach.

use std::hint::black_box;

/// A value that can be overwritten by one that is no secret.
pub(crate) trait Decoy {
    /// A well-known value of the type.
    fn decoy() -> Option<Self>
    where
        Self: Sized;
}

/// Holds `T` in one heap cell and overwrites it with the decoy at the end.
pub(crate) struct Wiped<T: Decoy>(Box<T>);

impl<T: Decoy> Wiped<T> {
    pub(crate) fn new(secret: T) -> Self {
        Self(Box::new(secret))
    }

    pub(crate) fn get(&self) -> &T {
        &self.0
    }
}

impl<T: Decoy> Drop for Wiped<T> {
    fn drop(&mut self) {
        if let Some(decoy) = T::decoy() {
            *self.0 = decoy;
            // The store must not be dropped as useless: somebody might look.
            black_box(&mut *self.0);
        }
    }
}

/// The private key 1.
const DECOY_SCALAR: [u8; 32] = {
    let mut scalar = [0; 32];
    scalar[31] = 1;
    scalar
};

impl Decoy for efficient_sm2::KeyPair {
    fn decoy() -> Option<Self> {
        Self::new(&DECOY_SCALAR).ok()
    }
}

impl Decoy for sm2::dsa::SigningKey {
    fn decoy() -> Option<Self> {
        Self::from_slice(super::public::SM2_USER_ID, &DECOY_SCALAR).ok()
    }
}

impl Decoy for sm2::pke::DecryptingKey {
    fn decoy() -> Option<Self> {
        Self::from_slice(&DECOY_SCALAR).ok()
    }
}
