//! Digests of files, which are too long to be had in one piece.

use std::fmt::{self, Write};
use std::str::FromStr;

use sm3::Digest;

/// What a file is digested with; both give 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileDigest {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SM3 (GB/T 32905).
    Sm3,
}

impl FileDigest {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Sm3];

    /// Its name in configuration and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }

    /// The digest of what is there in one piece, as [`Digester::finish`] writes it.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> String {
        let mut digester = Digester::new(self);
        digester.update(bytes);
        digester.finish()
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FileDigest {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or(())
    }
}

/// Takes a file piece by piece.
///
/// ```
/// use clearway_crypto::{Digester, FileDigest};
/// let mut digester = Digester::new(FileDigest::Sha256);
/// digester.update(b"ab");
/// digester.update(b"c");
/// assert_eq!(digester.finish(), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// ```
#[derive(Clone)]
pub struct Digester {
    state: State,
}

#[derive(Clone)]
enum State {
    Sha256(aws_lc_rs::digest::Context),
    Sm3(Box<sm3::Sm3>),
}

impl Digester {
    /// Nothing has been taken yet.
    #[must_use]
    pub fn new(digest: FileDigest) -> Self {
        let state = match digest {
            FileDigest::Sha256 => State::Sha256(aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256)),
            FileDigest::Sm3 => State::Sm3(Box::default()),
        };
        Self { state }
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Sha256(context) => context.update(bytes),
            State::Sm3(state) => state.update(bytes),
        }
    }

    /// The digest: its name, a colon, 64 hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        match self.state {
            State::Sha256(context) => shown(FileDigest::Sha256, context.finish().as_ref()),
            State::Sm3(state) => shown(FileDigest::Sm3, &state.finalize()),
        }
    }
}

fn shown(digest: FileDigest, bytes: &[u8]) -> String {
    let mut text = format!("{digest}:");
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl fmt::Debug for Digester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.state {
            State::Sha256(_) => "Digester(sha256)",
            State::Sm3(_) => "Digester(sm3)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_and_the_whole_have_one_digest() {
        // GB/T 32905, A.1.
        let abc = "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        assert_eq!(FileDigest::Sm3.of(b"abc"), abc);
        let bytes: Vec<u8> = (0..1000_u32).map(|at| (at % 251) as u8).collect();
        for digest in FileDigest::ALL {
            assert_eq!(digest.name().parse(), Ok(digest));
            for size in [1, 63, 64, 65, 999] {
                let mut digester = Digester::new(digest);
                bytes.chunks(size).for_each(|piece| digester.update(piece));
                assert_eq!(digester.finish(), digest.of(&bytes), "{digest} in pieces of {size}");
            }
        }
        assert_eq!("md5".parse::<FileDigest>(), Err(()));
    }
}
