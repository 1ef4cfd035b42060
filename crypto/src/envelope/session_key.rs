//! The key of one message's values, with the label that stands before it in the envelope.
//!
//! Invariant: the text is `label + key` of exactly the algorithm's length; it lies in one heap block, which is wiped.

use zeroize::Zeroizing;

use super::algorithm::EnvelopeAlgorithm;
use crate::error::Error;

/// Sixty-four letters: six random bits choose one without bias.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LABEL_BYTES: usize = 3;

pub(super) struct SessionKey {
    algorithm: EnvelopeAlgorithm,
    text: Zeroizing<Vec<u8>>,
}

impl SessionKey {
    /// A new random key.
    pub(super) fn draw(algorithm: EnvelopeAlgorithm) -> Result<Self, Error> {
        let mut drawn = Self::blank(algorithm);
        let key = &mut drawn.text[LABEL_BYTES..];
        aws_lc_rs::rand::fill(key).map_err(|_| Error::Sealing(algorithm))?;
        if algorithm == EnvelopeAlgorithm::RsaAes256 {
            // The wire has the AES key as text.
            key.iter_mut().for_each(|byte| *byte = LETTERS[usize::from(*byte & 63)]);
        }
        Ok(drawn)
    }

    /// A random key to go on with when there is none; its results are thrown away, so it need not be a good one.
    pub(super) fn draw_decoy(algorithm: EnvelopeAlgorithm) -> Self {
        Self::draw(algorithm).unwrap_or_else(|_| Self::blank(algorithm))
    }

    fn blank(algorithm: EnvelopeAlgorithm) -> Self {
        let mut text = Zeroizing::new(vec![0; LABEL_BYTES + algorithm.session_key_bytes()]);
        text[..LABEL_BYTES].copy_from_slice(algorithm.label());
        Self { algorithm, text }
    }

    /// Takes what an envelope held, if that is a key of the algorithm.
    pub(super) fn from_text(algorithm: EnvelopeAlgorithm, text: Zeroizing<Vec<u8>>) -> Option<Self> {
        let fits = text.len() == LABEL_BYTES + algorithm.session_key_bytes() && text.starts_with(algorithm.label());
        fits.then_some(Self { algorithm, text })
    }

    pub(super) fn algorithm(&self) -> EnvelopeAlgorithm {
        self.algorithm
    }

    /// Label and key.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.text[LABEL_BYTES..]
    }
}
