//! Looks after the node's certificates: what a peer shows no longer counts once it has ended, and a person hears of what is
//! about to end.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::{Error, Fault};
use crate::metrics::CertificateReading;
use crate::net::transport::{Tls, Transports, Uses};

/// How often ended certificates are looked for.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
const DAY_S: u64 = 24 * 60 * 60;

/// The running watch. Stops when dropped.
#[derive(Debug)]
pub(super) struct CertificateWatch {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl CertificateWatch {
    /// Starts the thread; what ends within `warning_days` is in the log once a day.
    pub(super) fn start(transports: Transports, warning_days: u64) -> Result<Self, Error> {
        let (stop, stopped) = mpsc::channel::<()>();
        let watch = move || {
            let mut warned = [None; 2];
            while stopped.recv_timeout(LOOK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                for ((tls, uses), warned) in transports.all().zip(&mut warned) {
                    look(tls, &uses, warning_days, warned);
                }
            }
        };
        let thread = std::thread::Builder::new().name("certificates".to_owned()).spawn(watch).map_err(|error| {
            Error::new(Fault::Environment, "the thread that looks after certificates cannot be started")
                .caused_by(error)
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for CertificateWatch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One look. `warned` is the generation and the day in which warnings were last given: a reload is a new occasion.
fn look(tls: &Tls, uses: &Uses, warning_days: u64, warned: &mut Option<(u64, u64)>) {
    if tls.retire_expired() {
        tracing::warn!("a certificate that a server has shown has ended; connections to it are made anew");
    }
    let now_s = tls.now_s();
    let occasion = (tls.generation(), now_s / DAY_S);
    if warned.replace(occasion) != Some(occasion) {
        for ending in ending(tls.certificates(uses), now_s, warning_days) {
            let CertificateReading { usage, name, until_unix_secs } = &ending;
            let days_left = until_unix_secs.saturating_sub(now_s) / DAY_S;
            tracing::warn!(%usage, %name, days_left, "a certificate or revocation list ends soon, or has ended");
        }
    }
}

/// Those that end within so many days.
fn ending(all: Vec<CertificateReading>, now_s: u64, days: u64) -> impl Iterator<Item = CertificateReading> {
    let last_s = now_s.saturating_add(days.saturating_mul(DAY_S));
    all.into_iter().filter(move |one| one.until_unix_secs <= last_s)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_within_the_days_is_told() {
        let at =
            |name: &str, until_unix_secs| CertificateReading { usage: "peer", name: name.to_owned(), until_unix_secs };
        let now_s = 1_795_000_000;
        let all = vec![at("gone", now_s - 1), at("soon", now_s + 2 * DAY_S), at("later", now_s + 2 * DAY_S + 1)];
        for (days, told) in [(0, &["gone"][..]), (2, &["gone", "soon"]), (3, &["gone", "soon", "later"])] {
            let names: Vec<_> = ending(all.clone(), now_s, days).map(|one| one.name).collect();
            assert_eq!(names, told, "{days}");
        }
    }
}
