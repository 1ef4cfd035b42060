//! Bytes of one direction on their way under a [`Flow`].

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep;

use super::count::DirectionCounters;
use super::plan::{Cut, Flow};

/// Most bytes of a piece.
const PIECE: usize = 16 * 1024;

/// How a direction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By its sender.
    Sender,
    /// By the plan.
    Cut(Cut),
}

/// One direction of one connection.
pub(super) struct Stream<'a> {
    flow: &'a Flow,
    counters: &'a DirectionCounters,
    frozen: watch::Receiver<bool>,
    passed: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn new(flow: &'a Flow, counters: &'a DirectionCounters, frozen: watch::Receiver<bool>) -> Self {
        Self { flow, counters, frozen, passed: 0 }
    }

    /// Lets bytes through as they come.
    pub(super) async fn relay(
        mut self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
    ) -> io::Result<Ended> {
        let mut piece = vec![0; self.flow.pace.map_or(PIECE, |pace| pace.bytes)];
        loop {
            self.thaw().await;
            // With nothing left to let through one byte is read, which is the one that is swallowed.
            let room = usize::try_from(self.left()).unwrap_or(PIECE).clamp(1, piece.len());
            let read = from.read(&mut piece[..room]).await?;
            if read == 0 {
                to.shutdown().await?;
                return Ok(Ended::Sender);
            }
            self.counters.read(read);
            if let Some(cut) = self.pass(&piece[..read], to).await? {
                return match cut {
                    Cut::Silence => self.swallow(from).await,
                    Cut::Close | Cut::Reset => Ok(Ended::Cut(cut)),
                };
            }
        }
    }

    /// Lets whole bytes through, as many as the plan allows: how it ended, if it did, else `None`. Bytes that are fewer than the
    /// plan allows end where they end.
    pub(super) async fn send(mut self, bytes: &[u8], to: &mut (impl AsyncWrite + Unpin)) -> io::Result<Option<Cut>> {
        self.counters.read(bytes.len());
        let size = self.flow.pace.map_or(PIECE, |pace| pace.bytes);
        for piece in bytes.chunks(size) {
            if let Some(cut) = self.pass(piece, to).await? {
                return Ok(Some(cut));
            }
        }
        Ok(self.flow.end.map(|end| end.cut))
    }

    /// Lets one piece through, or what is left; the cut, if this was the end.
    async fn pass(&mut self, piece: &[u8], to: &mut (impl AsyncWrite + Unpin)) -> io::Result<Option<Cut>> {
        let allowed = usize::try_from(self.left()).unwrap_or(usize::MAX).min(piece.len());
        if !self.flow.latency.is_zero() {
            sleep(self.flow.latency).await;
        }
        self.thaw().await;
        to.write_all(&piece[..allowed]).await?;
        self.counters.pass(allowed);
        self.passed += allowed as u64;
        if let Some(end) = self.flow.end.filter(|end| end.after_bytes == self.passed) {
            return Ok(Some(end.cut));
        }
        if let Some(pace) = self.flow.pace {
            sleep(pace.pause).await;
        }
        Ok(None)
    }

    async fn swallow(&self, from: &mut (impl AsyncRead + Unpin)) -> io::Result<Ended> {
        let mut piece = vec![0; PIECE];
        loop {
            match from.read(&mut piece).await? {
                0 => return Ok(Ended::Sender),
                read => self.counters.read(read),
            }
        }
    }

    fn left(&self) -> u64 {
        self.flow.end.map_or(u64::MAX, |end| end.after_bytes.saturating_sub(self.passed))
    }

    async fn thaw(&mut self) {
        // An error means that the proxy ends.
        let _ = self.frozen.wait_for(|frozen| !frozen).await;
    }
}
