//! Sensitive values made up for one test, and the search for them in everything that a node writes.
//!
//! ```text
//! card 6226..(19 digits, Luhn)   identity 110101..(18, check digit)   mobile 13..(11)   name 王..(3 characters)
//!   '--> plain | its inner digits | hex, small and capital | base64 at each of the three alignments
//! ```
//!
//! Invariant: a value is random enough that its forms are not in a file by accident, and the search looks at raw bytes, so
//! it does not matter what the file is.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use clearway_loadgen::ACCOUNT_PREFIX;
use memchr::memmem;

use crate::seed::Draws;

/// Digits of a card that a mask may leave open at its ends; what is between them must not be anywhere.
const OPEN_DIGITS: (usize, usize) = (6, 4);

/// Planted values.
#[derive(Debug, Default)]
pub struct Planted {
    needles: Vec<Needle>,
}

/// One form of one value.
#[derive(Debug)]
struct Needle {
    value: String,
    form: &'static str,
    bytes: Vec<u8>,
}

/// Where a planted value was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    /// In which file or page.
    pub place: String,
    /// At which byte of it.
    pub offset: usize,
    /// The planted value.
    pub value: String,
    /// In which form.
    pub form: &'static str,
}

impl Planted {
    /// A card number: 19 digits that pass Luhn's check.
    pub fn card(&mut self, draws: &mut Draws) -> String {
        // The simulated banks know no other cards.
        let mut digits: Vec<u64> = ACCOUNT_PREFIX.bytes().map(|digit| u64::from(digit - b'0')).collect();
        digits.extend((digits.len()..18).map(|_| draws.below(10)));
        digits.push(luhn_digit(&digits));
        let card = text(&digits);
        let (head, tail) = OPEN_DIGITS;
        self.add("inner digits", &card, card.as_bytes()[head..card.len() - tail].to_vec());
        self.plant(card)
    }

    /// The number of an identity card: district, birthday, sequence, check digit (GB 11643).
    pub fn identity(&mut self, draws: &mut Draws) -> String {
        let birthday = 19_500_101 + draws.below(60) * 10_000 + draws.below(12) * 100 + draws.below(28);
        let body = format!("110101{birthday}{:03}", draws.below(1_000));
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: usize = body.bytes().zip(weights).map(|(digit, weight)| usize::from(digit - b'0') * weight).sum();
        let check = char::from(b"10X98765432"[sum % 11]);
        self.plant(format!("{body}{check}"))
    }

    /// A mobile number.
    pub fn mobile(&mut self, draws: &mut Draws) -> String {
        self.plant(format!("13{:09}", draws.below(1_000_000_000)))
    }

    /// A person's name, of characters that stand in no example.
    pub fn name(&mut self, draws: &mut Draws) -> String {
        const RARE: [char; 16] =
            ['龘', '靐', '齉', '爨', '麤', '灪', '籱', '鸞', '驫', '鱻', '纞', '虋', '讟', '钃', '龖', '鸜'];
        self.plant((0..4).map(|_| RARE[draws.below(16) as usize]).collect())
    }

    /// Takes any other value.
    pub fn plant(&mut self, value: String) -> String {
        self.add("plain", &value, value.as_bytes().to_vec());
        self.add("hex", &value, hex(&value, |byte| format!("{byte:02x}")));
        self.add("HEX", &value, hex(&value, |byte| format!("{byte:02X}")));
        for alignment in 0..3 {
            self.add("base64", &value, base64_inside(&value, alignment));
        }
        value
    }

    /// Everything that is found in `bytes`, which are those of `place`.
    #[must_use]
    pub fn search(&self, place: &str, bytes: &[u8]) -> Vec<Finding> {
        let find = |needle: &Needle| {
            let offset = memmem::find(bytes, &needle.bytes)?;
            let (place, value) = (place.to_owned(), needle.value.clone());
            Some(Finding { place, offset, value, form: needle.form })
        };
        self.needles.iter().filter_map(find).collect()
    }

    /// Everything that is found in the files below `folder`.
    ///
    /// # Panics
    /// If a file cannot be read.
    #[must_use]
    pub fn search_files(&self, folder: &Path) -> Vec<Finding> {
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            self.search(&path.display().to_string(), &bytes)
        };
        files_below(folder).into_iter().flat_map(read).collect()
    }

    fn add(&mut self, form: &'static str, value: &str, bytes: Vec<u8>) {
        self.needles.push(Needle { value: value.to_owned(), form, bytes });
    }
}

/// Every file below `folder`.
///
/// # Panics
/// If a folder cannot be read.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder that can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

fn text(digits: &[u64]) -> String {
    digits.iter().map(ToString::to_string).collect()
}

/// The digit that makes the sum of ISO/IEC 7812 a multiple of ten.
fn luhn_digit(digits: &[u64]) -> u64 {
    let doubled = |digit: u64| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u64 =
        digits.iter().rev().enumerate().map(|(at, digit)| if at % 2 == 0 { doubled(*digit) } else { *digit }).sum();
    (10 - sum % 10) % 10
}

fn hex(value: &str, write: fn(u8) -> String) -> Vec<u8> {
    value.bytes().map(write).collect::<String>().into_bytes()
}

/// The characters of base64 that say nothing but `value`, when `alignment` bytes stand before it in its group of three.
fn base64_inside(value: &str, alignment: usize) -> Vec<u8> {
    let encoded = STANDARD_NO_PAD.encode([&vec![0; alignment], value.as_bytes()].concat());
    let (first, last) = ((alignment * 8).div_ceil(6), (alignment + value.len()) * 8 / 6);
    encoded.as_bytes()[first..last].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::Seed;
    use base64::engine::general_purpose::STANDARD;

    #[test]
    fn values_have_their_check_digits() {
        assert_eq!(luhn_digit(&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1]), 3);
        let (mut planted, mut draws) = (Planted::default(), Seed::of_test("check digits").draws());
        for _ in 0..100 {
            let digits: Vec<u64> = planted.card(&mut draws).bytes().map(|digit| u64::from(digit - b'0')).collect();
            assert_eq!((digits.len(), luhn_digit(&digits[..18])), (19, digits[18]));
            assert_eq!(planted.identity(&mut draws).len(), 18);
            assert_eq!(planted.mobile(&mut draws).len(), 11);
            assert_eq!(planted.name(&mut draws).chars().count(), 4);
        }
    }

    #[test]
    fn every_form_is_found_and_a_mask_is_not() {
        let (mut planted, mut draws) = (Planted::default(), Seed::of_test("forms").draws());
        let (card, name) = (planted.card(&mut draws), planted.name(&mut draws));
        for value in [&card, &name] {
            for before in ["", "x", "xy", "xyz"] {
                let clear = format!("{before}{value}|more");
                for bytes in [
                    clear.clone().into_bytes(),
                    STANDARD.encode(&clear).into_bytes(),
                    hex(&clear, |byte| format!("{byte:02x}")),
                    hex(&clear, |byte| format!("{byte:02X}")),
                ] {
                    let found = planted.search("here", &[b"\0\xff".as_slice(), &bytes].concat());
                    assert!(found.iter().any(|finding| finding.value == *value), "{before} {bytes:?}");
                }
            }
        }
        let masked = format!("{}****{} {}", &card[..6], &card[15..], &name[..3]);
        assert_eq!(planted.search("here", masked.as_bytes()), []);
        assert_eq!(planted.search("here", b""), []);
    }

    #[test]
    fn files_are_searched_at_every_depth() {
        let (mut planted, mut draws) = (Planted::default(), Seed::of_test("files").draws());
        let mobile = planted.mobile(&mut draws);
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(dir.path().join("a/b")).expect("folders");
        fs::write(dir.path().join("a/clean"), "nothing").expect("written");
        assert_eq!(planted.search_files(dir.path()), []);
        fs::write(dir.path().join("a/b/leak"), format!("call {mobile}")).expect("written");
        let found = planted.search_files(dir.path());
        assert_eq!(found.len(), 1);
        assert!(found[0].place.ends_with("a/b/leak") && found[0].offset == 5, "{found:?}");
    }
}
