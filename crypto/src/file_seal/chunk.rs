//! One chunk: its tag, its cipher text.

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use sm4::Sm4;
use sm4::cipher::{KeyIvInit, StreamCipher};
use zeroize::Zeroizing;

use super::{FileCipher, FileKey, HEADER_BYTES, KEY_BYTES, TAG_BYTES};
use crate::error::Error;

/// What chunks of one file are sealed and opened with.
pub(super) struct ChunkCipher {
    form: Form,
    mac_key: Zeroizing<[u8; KEY_BYTES]>,
    pub(super) header: [u8; HEADER_BYTES],
    /// Number of the next chunk.
    pub(super) number: u64,
}

enum Form {
    Aes256(Box<EncryptingKey>),
    Sm4(Zeroizing<[u8; 16]>),
}

impl ChunkCipher {
    pub(super) fn new(
        cipher: FileCipher,
        key: &FileKey,
        name: &str,
        header: [u8; HEADER_BYTES],
    ) -> Result<Self, Error> {
        let derive = |purpose: &str| mac(cipher, &*key.bytes, &[purpose.as_bytes(), &[0], name.as_bytes()]);
        let (cipher_key, mac_key) = (derive("encrypt"), derive("authenticate"));
        let form = match cipher {
            FileCipher::Aes256 => {
                let key = UnboundCipherKey::new(&AES_256, &*cipher_key).and_then(EncryptingKey::ctr);
                Form::Aes256(Box::new(key.map_err(|_| Error::FileSeal)?))
            }
            FileCipher::Sm4 => {
                let mut half = Zeroizing::new([0; 16]);
                half.copy_from_slice(&cipher_key[..16]);
                Form::Sm4(half)
            }
        };
        Ok(Self { form, mac_key, header, number: 0 })
    }

    pub(super) const fn cipher(&self) -> FileCipher {
        match self.form {
            Form::Aes256(_) => FileCipher::Aes256,
            Form::Sm4(_) => FileCipher::Sm4,
        }
    }

    pub(super) fn tag(&self, clear: &[u8], is_last: bool) -> [u8; TAG_BYTES] {
        let parts = [&self.header[..], &self.number.to_be_bytes(), &[u8::from(is_last)], clear];
        let whole = mac(self.cipher(), &*self.mac_key, &parts);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&whole[..TAG_BYTES]);
        tag
    }

    /// There and back again: counter mode is its own inverse.
    pub(super) fn apply(&self, tag: [u8; TAG_BYTES], bytes: &mut [u8]) -> Result<(), Error> {
        match &self.form {
            Form::Aes256(key) => {
                let context = EncryptionContext::Iv128(FixedLength::from(tag));
                key.less_safe_encrypt(bytes, context).map(drop).map_err(|_| Error::FileSeal)
            }
            Form::Sm4(key) => {
                let mut stream = ctr::Ctr128BE::<Sm4>::new((&**key).into(), (&tag).into());
                stream.try_apply_keystream(bytes).map_err(|_| Error::FileSeal)
            }
        }
    }
}

fn mac(cipher: FileCipher, key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut whole = Zeroizing::new([0; KEY_BYTES]);
    match cipher {
        FileCipher::Aes256 => {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
            let mut context = aws_lc_rs::hmac::Context::with_key(&key);
            parts.iter().for_each(|part| context.update(part));
            whole.copy_from_slice(context.sign().as_ref());
        }
        FileCipher::Sm4 => {
            let mut context = Hmac::<Sm3>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
            parts.iter().for_each(|part| context.update(part));
            whole.copy_from_slice(&context.finalize().into_bytes());
        }
    }
    whole
}
