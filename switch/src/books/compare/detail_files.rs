//! Detail files, plain or compressed, read row by row.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::Rows;
use crate::books::Progress;
use crate::domain::clearing::BatchName;
use crate::domain::statement::compare::{ComparedRow, Parsed, parse_row};
use crate::error::{Error, Fault};

/// Longest line of a detail file (ours): a row has some 250 bytes.
const LINE_BYTES_MAX: u64 = 4_096;
const BUFFER_BYTES: usize = 256 << 10;
/// Lines between two looks at the progress.
const TELL_EVERY: u64 = 65_536;
const GZIP: [u8; 2] = [0x1F, 0x8B];
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Detail files in the column layout of the statements: plain, gzip or zstd, as their first bytes say.
#[derive(Debug, Clone)]
pub struct DetailFiles {
    batch: BatchName,
    paths: Vec<PathBuf>,
}

impl DetailFiles {
    /// Rows of `batch` in these files; those of other batches are passed over.
    #[must_use]
    pub const fn new(batch: BatchName, paths: Vec<PathBuf>) -> Self {
        Self { batch, paths }
    }

    fn bytes(&self) -> Result<u64, Error> {
        let size = |path: &PathBuf| path.metadata().map_err(|error| Error::file("open", path, error));
        self.paths.iter().try_fold(0, |sum, path| Ok(sum + size(path)?.len()))
    }
}

impl Rows for DetailFiles {
    fn for_each(
        &self,
        progress: &dyn Progress,
        each: &mut dyn FnMut(ComparedRow) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let (all, mut done, mut passed_over) = (self.bytes()?, 0, 0);
        for path in &self.paths {
            let read = Cell::new(0);
            let mut lines = Lines::open(path, self.batch, &read)?;
            while lines.next(each)? {
                if lines.number.is_multiple_of(TELL_EVERY) {
                    progress.at(done + read.get(), all);
                }
            }
            passed_over += lines.passed_over;
            done += read.get();
        }
        progress.at(all, all);
        Ok(passed_over)
    }
}

/// A file that counts the bytes that have been read of it.
struct Counted<'c> {
    file: File,
    read: &'c Cell<u64>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.read.set(self.read.get() + count as u64);
        Ok(count)
    }
}

/// One file, line by line.
struct Lines<'f> {
    path: &'f Path,
    batch: BatchName,
    reader: Box<dyn BufRead + 'f>,
    line: Vec<u8>,
    number: u64,
    rows: u64,
    passed_over: u64,
}

impl<'f> Lines<'f> {
    /// Opens it; `read` counts its bytes.
    fn open(path: &'f Path, batch: BatchName, read: &'f Cell<u64>) -> Result<Self, Error> {
        let opened = File::open(path).and_then(|file| open_packed(Counted { file, read }));
        let reader = opened.map_err(|error| Error::file("open", path, error))?;
        Ok(Self { path, batch, reader, line: Vec::with_capacity(512), number: 0, rows: 0, passed_over: 0 })
    }

    /// Takes the next line; false behind the last.
    fn next(&mut self, each: &mut dyn FnMut(ComparedRow) -> Result<(), Error>) -> Result<bool, Error> {
        self.line.clear();
        self.number += 1;
        let got = (&mut self.reader).take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut self.line);
        let got = got.map_err(|error| self.damaged("the file cannot be read").caused_by(error))?;
        if got as u64 > LINE_BYTES_MAX {
            return Err(self.damaged(&format!("longer than {LINE_BYTES_MAX} bytes")));
        }
        match parse_row(trimmed(&self.line), self.batch).map_err(|fault| self.damaged(&fault.to_string()))? {
            Parsed::Row(row) => {
                self.rows += 1;
                each(row)?;
            }
            Parsed::OtherBatch => self.passed_over += 1,
            Parsed::Trailer(count) => self.check_count(count)?,
            Parsed::Frame => {}
        }
        Ok(got > 0)
    }

    fn check_count(&self, count: u64) -> Result<(), Error> {
        let rows = self.rows + self.passed_over;
        if rows == count {
            Ok(())
        } else {
            Err(self.damaged(&format!("{rows} rows before a trailer that says {count}")))
        }
    }

    fn damaged(&self, what: &str) -> Error {
        Error::new(Fault::Data, what)
            .at(format!("{}: line {}", self.path.display(), self.number))
            .remedy("the file must have the columns of the statements, be decrypted, and be plain, gzip or zstd")
    }
}

fn open_packed(file: Counted<'_>) -> std::io::Result<Box<dyn BufRead + '_>> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let start = file.fill_buf()?;
    if start.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file))));
    }
    if start.starts_with(&ZSTD) {
        let decoder = zstd::Decoder::with_buffer(file)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)));
    }
    Ok(Box::new(file))
}

/// Without LF or CR LF.
fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::books::Silent;

    const ROW: &str = "2026112010090766339761990770101|B202611200011|0110|110001|00|CNY1.00|C1030844001362|Z2004944000010|C1010211000012||A1|A2|||2026-11-20T10:00:00|2026-11-20T10:00:01|00000000|00000000\n";

    fn read(bytes: &[u8]) -> Result<(usize, u64), Error> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("theirs");
        std::fs::write(&path, bytes).unwrap();
        let mut rows = 0;
        let files = DetailFiles::new("B202611200011".parse().unwrap(), vec![path.clone(), path]);
        let passed_over = files.for_each(&Silent, &mut |_| {
            rows += 1;
            Ok(())
        })?;
        Ok((rows, passed_over))
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_compressed_files_give_the_same_rows() {
        let text = format!("{ROW}{}END|2|200|sha256:00\n", ROW.replace("200011", "200012").replace('\n', "\r\n"));
        let expected = (2, 2);
        assert_eq!(read(text.as_bytes()).unwrap(), expected);
        assert_eq!(read(text.trim_end().as_bytes()).unwrap(), expected, "without the last line end");
        assert_eq!(read(&zstd::encode_all(text.as_bytes(), 1).unwrap()).unwrap(), expected);
        let two_members = [gzip(ROW), gzip(&text[ROW.len()..])].concat();
        assert_eq!(read(&two_members).unwrap(), expected);
        assert_eq!(read(b"").unwrap(), (0, 0));
    }

    #[test]
    fn a_file_that_is_none_is_refused_with_its_line() {
        let packed = gzip(&ROW.repeat(100));
        let long = format!("{ROW}{}", "9".repeat(5_000));
        for (bytes, said) in [
            (ROW.replace("CNY1.00", "1.0").as_bytes(), "line 1: TrxAmt"),
            (long.as_bytes(), "line 2: longer than"),
            (&packed[..packed.len() / 2], "the file cannot be read"),
            (&b"9\xff\n"[..], "line 1: 1 columns"),
            (format!("{ROW}END|2|100|sha256:00\n").as_bytes(), "line 2: 1 rows before a trailer that says 2"),
        ] {
            let error = read(bytes).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
            assert_eq!(error.fault(), Fault::Data);
        }
    }
}
