//! AES-256 and SM4 over one value, in one buffer.
//!
//! Invariant: a clear text is written to no other heap block than the caller's buffer, which the caller wipes.

use aws_lc_rs::cipher::{
    AES_256, DecryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use sm4::Sm4;
use sm4::cipher::block_padding::Pkcs7;
use sm4::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit};

use super::algorithm::{CipherMode, EnvelopeAlgorithm};
use super::session_key::SessionKey;

/// Both ciphers have blocks, and so IVs, of 16 bytes.
pub(super) const BLOCK_BYTES: usize = 16;

/// Pads and encrypts `in_out`, which must have room for one block more; the IV that CBC used.
pub(super) fn encrypt(key: &SessionKey, mode: CipherMode, in_out: &mut Vec<u8>) -> Option<[u8; BLOCK_BYTES]> {
    match key.algorithm() {
        EnvelopeAlgorithm::RsaAes256 => encrypt_aes(key, mode, in_out),
        EnvelopeAlgorithm::Sm2Sm4 => encrypt_sm4(key, mode, in_out),
    }
}

/// Decrypts whole blocks in place; the clear text without its padding.
pub(super) fn decrypt<'b>(
    key: &SessionKey,
    mode: CipherMode,
    iv: &[u8; BLOCK_BYTES],
    in_out: &'b mut [u8],
) -> Option<&'b [u8]> {
    match key.algorithm() {
        EnvelopeAlgorithm::RsaAes256 => decrypt_aes(key, mode, iv, in_out),
        EnvelopeAlgorithm::Sm2Sm4 => decrypt_sm4(key, mode, iv, in_out),
    }
}

fn encrypt_aes(key: &SessionKey, mode: CipherMode, in_out: &mut Vec<u8>) -> Option<[u8; BLOCK_BYTES]> {
    let unbound = UnboundCipherKey::new(&AES_256, key.key()).ok()?;
    let cipher = match mode {
        CipherMode::Cbc => PaddedBlockEncryptingKey::cbc_pkcs7(unbound),
        CipherMode::Ecb => PaddedBlockEncryptingKey::ecb_pkcs7(unbound),
    };
    match cipher.ok()?.encrypt(in_out).ok()? {
        DecryptionContext::Iv128(iv) => Some(*iv.as_ref()),
        _ => Some([0; BLOCK_BYTES]),
    }
}

fn decrypt_aes<'b>(
    key: &SessionKey,
    mode: CipherMode,
    iv: &[u8; BLOCK_BYTES],
    in_out: &'b mut [u8],
) -> Option<&'b [u8]> {
    let unbound = UnboundCipherKey::new(&AES_256, key.key()).ok()?;
    let (cipher, context) = match mode {
        CipherMode::Cbc => {
            (PaddedBlockDecryptingKey::cbc_pkcs7(unbound), DecryptionContext::Iv128(FixedLength::from(*iv)))
        }
        CipherMode::Ecb => (PaddedBlockDecryptingKey::ecb_pkcs7(unbound), DecryptionContext::None),
    };
    cipher.ok()?.decrypt(in_out, context).ok().map(|clear| &*clear)
}

fn encrypt_sm4(key: &SessionKey, mode: CipherMode, in_out: &mut Vec<u8>) -> Option<[u8; BLOCK_BYTES]> {
    let clear_bytes = in_out.len();
    in_out.resize((clear_bytes / BLOCK_BYTES + 1) * BLOCK_BYTES, 0);
    match mode {
        CipherMode::Cbc => {
            let mut iv = [0; BLOCK_BYTES];
            aws_lc_rs::rand::fill(&mut iv).ok()?;
            let cipher = cbc::Encryptor::<Sm4>::new_from_slices(key.key(), &iv).ok()?;
            cipher.encrypt_padded::<Pkcs7>(in_out, clear_bytes).ok()?;
            Some(iv)
        }
        CipherMode::Ecb => {
            let cipher = ecb::Encryptor::<Sm4>::new_from_slice(key.key()).ok()?;
            cipher.encrypt_padded::<Pkcs7>(in_out, clear_bytes).ok()?;
            Some([0; BLOCK_BYTES])
        }
    }
}

fn decrypt_sm4<'b>(
    key: &SessionKey,
    mode: CipherMode,
    iv: &[u8; BLOCK_BYTES],
    in_out: &'b mut [u8],
) -> Option<&'b [u8]> {
    match mode {
        CipherMode::Cbc => {
            cbc::Decryptor::<Sm4>::new_from_slices(key.key(), iv).ok()?.decrypt_padded::<Pkcs7>(in_out).ok()
        }
        CipherMode::Ecb => ecb::Decryptor::<Sm4>::new_from_slice(key.key()).ok()?.decrypt_padded::<Pkcs7>(in_out).ok(),
    }
}
