//! There and back, and what must not come back.

use super::*;
use crate::error::Error;

const LENGTHS: [usize; 6] = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES];

fn key() -> FileKey {
    FileKey::from_hex(&"0a".repeat(KEY_BYTES)).unwrap()
}

fn clear(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

fn seal(cipher: FileCipher, name: &str, clear: &[u8], piece: usize) -> Vec<u8> {
    let (mut sealer, mut out) = (FileSealer::new(cipher, &key(), name).unwrap(), Vec::new());
    clear.chunks(piece).for_each(|piece| sealer.seal(piece, &mut out).unwrap());
    sealer.finish(&mut out).unwrap();
    out
}

fn open(key: &FileKey, name: &str, sealed: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
    let (header, body) = sealed.split_first_chunk().ok_or(Error::FileUnreadable)?;
    let (mut opener, mut out) = (FileOpener::new(key, name, header)?, Vec::new());
    body.chunks(piece).try_for_each(|piece| opener.open(piece, &mut out))?;
    opener.finish(&mut out)?;
    Ok(out)
}

#[test]
fn a_file_opens_to_what_it_was_whatever_the_pieces() {
    for cipher in FileCipher::ALL {
        assert_eq!(cipher.name().parse(), Ok(cipher));
        for length in LENGTHS {
            let clear = clear(length);
            let sealed = seal(cipher, "a", &clear, 1_000);
            assert_eq!(sealed, seal(cipher, "a", &clear, CHUNK_BYTES * 2), "the same bytes");
            assert_eq!(sealed.len(), HEADER_BYTES + length + 16 * length.div_ceil(CHUNK_BYTES).max(1));
            for piece in [17, CHUNK_BYTES + 16, 1 << 20] {
                assert_eq!(open(&key(), "a", &sealed, piece).unwrap(), clear, "{cipher}, {length}, {piece}");
            }
        }
    }
}

#[test]
fn a_file_that_was_touched_does_not_open() {
    let other = FileKey::from_hex(&"0b".repeat(KEY_BYTES)).unwrap();
    for cipher in FileCipher::ALL {
        let sealed = seal(cipher, "a", &clear(2 * CHUNK_BYTES + 5), 4_096);
        let whole = CHUNK_BYTES + 16;
        let mut swapped = sealed.clone();
        swapped[HEADER_BYTES..HEADER_BYTES + 2 * whole].rotate_left(whole);
        let dropped = [&sealed[..HEADER_BYTES], &sealed[HEADER_BYTES + whole..]].concat();
        assert!(open(&other, "a", &sealed, 999).is_err(), "another key");
        assert!(open(&key(), "b", &sealed, 999).is_err(), "another name");
        assert!(open(&key(), "a", &swapped, 999).is_err(), "chunks in another order");
        assert!(open(&key(), "a", &dropped, 999).is_err(), "a chunk less");
        for cut in [0, 8, HEADER_BYTES, HEADER_BYTES + 15, HEADER_BYTES + whole, sealed.len() - 1] {
            assert!(open(&key(), "a", &sealed[..cut], 999).is_err(), "cut at {cut}");
        }
        for at in [0, 8, 9, 12, 15, 16, 40, sealed.len() - 1] {
            let mut touched = sealed.clone();
            touched[at] ^= 1;
            assert!(open(&key(), "a", &touched, 999).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_key_is_64_digits_and_never_shown() {
    assert_eq!(*key().to_hex(), "0a".repeat(KEY_BYTES));
    for wrong in ["", "0a", &"0g".repeat(KEY_BYTES), &"0a".repeat(KEY_BYTES + 1)] {
        assert!(FileKey::from_hex(wrong).is_err(), "{wrong}");
    }
    assert!(!format!("{:?}", key()).contains("0a"));
}
