//! What a month costs from given prices.

use super::answer::{Cost, Storage};
use super::request::{Prices, Request};

/// Days of a mean month: 365.25 / 12.
const DAYS_PER_MONTH: f64 = 30.437_5;
const BYTES_PER_GB: f64 = 1e9;

/// For `nodes_total` nodes and `traffic_bytes_per_payment` between node and participants.
pub(super) fn cost(
    request: &Request,
    prices: &Prices,
    nodes_total: u64,
    storage: &Storage,
    traffic_bytes_per_payment: f64,
) -> Cost {
    let payments_per_month = storage.payments_per_day * DAYS_PER_MONTH;
    let nodes_per_month = nodes_total as f64 * prices.node_month;
    let storage_per_month = storage.bytes_retained / BYTES_PER_GB * prices.storage_gb_month;
    let traffic_per_month = payments_per_month * traffic_bytes_per_payment / BYTES_PER_GB * prices.traffic_gb;
    let total_per_month = nodes_per_month + storage_per_month + traffic_per_month;
    Cost {
        currency: prices.currency.clone(),
        payments_per_month,
        nodes_per_month,
        storage_per_month,
        traffic_per_month,
        total_per_month,
        per_million_payments: total_per_month / payments_per_month.max(f64::MIN_POSITIVE) * 1e6,
        per_peak_payment_per_s: total_per_month / request.target_per_s.max(f64::MIN_POSITIVE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_is_counted_once() {
        let request = Request { target_per_s: 1_000.0, ..Request::default() };
        let prices = Prices { currency: "EUR".into(), node_month: 500.0, storage_gb_month: 0.1, traffic_gb: 0.02 };
        let storage = Storage { payments_per_day: 1e6, bytes_retained: 2e12, ..Storage::default() };
        let found = cost(&request, &prices, 10, &storage, 10_000.0);
        let parts = [found.nodes_per_month, found.storage_per_month, found.traffic_per_month];
        for (part, expected) in parts.into_iter().zip([5_000.0, 200.0, 304.375 * 0.02]) {
            assert!((part - expected).abs() < 1e-6, "{found:?}");
        }
        assert!((found.total_per_month - 5_206.087_5).abs() < 1e-6);
        assert!((found.per_million_payments - 5_206.087_5 / 30.437_5).abs() < 1e-6);
        assert!((found.per_peak_payment_per_s - 5.206_087_5).abs() < 1e-9);
    }
}
