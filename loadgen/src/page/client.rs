//! Fetches the ledgers of counterparties in another process.

use super::fetch::fetch;
use crate::bank::Ledgers;
use crate::constants::LEDGER_PAGE_BYTES_MAX;
use crate::error::Error;

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
