//! Fetches what counterparties in another process know.

use super::fetch::fetch;
use crate::bank::Ledgers;
use crate::constants::LEDGER_PAGE_BYTES_MAX;
use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Name of the ledgers' page, which the other pages stand beside.
const LEDGER: &str = "/ledger";
/// Largest small page.
const SMALL_PAGE_BYTES_MAX: usize = 4_096;

/// What `/cpu` says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cpu {
    /// User and system time of all threads, in microseconds.
    pub(super) cpu_us: u64,
}

/// Fetches every page and joins them. Blocks; must not be called on a runtime's thread.
///
/// # Errors
/// A page does not answer with ledgers that can be read.
pub fn fetch_ledgers(urls: &[String]) -> Result<Ledgers, Error> {
    let mut ledgers = Ledgers::default();
    for url in urls {
        let fault = |why: String| Error::Ledgers(url.clone(), why);
        let page = fetch(url, LEDGER_PAGE_BYTES_MAX).map_err(fault)?;
        ledgers.merge(serde_json::from_slice(&page).map_err(|error| fault(error.to_string()))?);
    }
    Ok(ledgers)
}

/// CPU time that the counterparties behind these ledger pages have used so far, all together. Blocks; must not be called
/// on a runtime's thread.
///
/// # Errors
/// An address is not of a ledger page, or the page beside it does not answer.
pub fn fetch_cpu(ledger_urls: &[String]) -> Result<Duration, Error> {
    let of_url = |url: &String| -> Result<Duration, Error> {
        let fault = |why: String| Error::Ledgers(url.clone(), why);
        let place = url.strip_suffix(LEDGER).ok_or_else(|| fault(format!("does not end in {LEDGER}")))?;
        let page = fetch(&format!("{place}/cpu"), SMALL_PAGE_BYTES_MAX).map_err(fault)?;
        let cpu: Cpu = serde_json::from_slice(&page).map_err(|error| fault(error.to_string()))?;
        Ok(Duration::from_micros(cpu.cpu_us))
    };
    ledger_urls.iter().map(of_url).sum()
}
