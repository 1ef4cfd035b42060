//! A file and its digest, in one pass.

use std::io::{self, Read, Write};

use clearway_crypto::{Digester, FileDigest};

use crate::books::Draft;

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;

/// A draft that is digested as it is written.
pub(super) struct Digested {
    draft: Draft,
    digester: Digester,
    bytes: u64,
}

impl Digested {
    pub(super) fn new(draft: Draft) -> Self {
        Self { draft, digester: Digester::new(FileDigest::Sha256), bytes: 0 }
    }

    /// The draft, its length, and its digest.
    pub(super) fn finish(self) -> (Draft, u64, String) {
        (self.draft, self.bytes, self.digester.finish())
    }
}

impl Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.draft.write(bytes)?;
        self.digester.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.draft.flush()
    }
}

/// The digest of what `file` gives.
pub(super) fn digest_of(mut file: impl Read) -> io::Result<String> {
    let mut digester = Digester::new(FileDigest::Sha256);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(digester.finish()),
            Ok(read) => digester.update(&chunk[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
