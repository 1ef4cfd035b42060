//! What an operator asks for, as JSON; strict, and every refusal names the key.
//!
//! ```text
//! participant  {"by":"li.wei","drained":true,"businesses":["refund"],"rate_per_s":500,"rate_burst":50,"pacing_ms":100}
//!              {"by":"li.wei","as_configured":true}
//! limit        {"by":"li.wei","layer":"bank","bank":"C1...","day_amount_fen":500000000}
//!              {"by":"li.wei","layer":"institution","bank":"C1...","institution":"Z2...","day_count":10000}
//!              {"by":"li.wei","layer":"card","bank":"C1...","as_configured":true}
//! maintenance  {"by":"li.wei","bank":"C1...","from":"2026-11-21T01:00:00","until":"2026-11-21T03:00:00","text":"..."}
//!              {"by":"li.wei","centre":true,"from":...}      {"by":"li.wei","cancel":1001}
//! ```
//!
//! A key left out leaves its value as it is; `null` takes the bound away. `by` is always needed.

use serde::Deserialize;

use super::setting::{Change, Layer, Setting, WindowText};
use super::state::State;
use crate::config::{AdmissionRules, LimitTable};
use crate::settings::{Refusal, checked_name, given, one_of, parse};

/// A request that was read; whether it fits is seen when it is made.
#[derive(Debug)]
pub struct Request {
    by: String,
    wish: Wish,
}

#[derive(Debug)]
enum Wish {
    Participant(String, ParticipantBody),
    Limit(LimitBody),
    Maintenance(MaintenanceBody),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ParticipantBody {
    by: String,
    #[serde(default)]
    as_configured: bool,
    #[serde(default, deserialize_with = "given")]
    businesses: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "given")]
    rate_per_s: Option<Option<u32>>,
    #[serde(default, deserialize_with = "given")]
    rate_burst: Option<Option<u32>>,
    pacing_ms: Option<u64>,
    drained: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitBody {
    by: String,
    layer: Layer,
    bank: String,
    institution: Option<String>,
    #[serde(default)]
    as_configured: bool,
    #[serde(default, deserialize_with = "given")]
    per_payment_fen: Option<Option<u64>>,
    #[serde(default, deserialize_with = "given")]
    day_amount_fen: Option<Option<u64>>,
    #[serde(default, deserialize_with = "given")]
    day_count: Option<Option<u64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MaintenanceBody {
    by: String,
    bank: Option<String>,
    #[serde(default)]
    centre: bool,
    from: Option<String>,
    until: Option<String>,
    text: Option<String>,
    cancel: Option<u64>,
}

impl Request {
    /// Reads the body of a change of the participant `id`.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: not JSON of this form.
    pub fn participant(id: &str, body: &[u8]) -> Result<Self, Refusal> {
        let body: ParticipantBody = parse(body)?;
        let says = [
            body.businesses.is_some(),
            body.rate_per_s.is_some(),
            body.rate_burst.is_some(),
            body.pacing_ms.is_some(),
            body.drained.is_some(),
        ];
        one_of("as_configured", body.as_configured, says.contains(&true))?;
        Ok(Self { by: checked_name(&body.by)?, wish: Wish::Participant(id.to_owned(), body) })
    }

    /// Reads the body of a change of a layer's limit.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: not JSON of this form.
    pub fn limit(body: &[u8]) -> Result<Self, Refusal> {
        let body: LimitBody = parse(body)?;
        let says = [body.per_payment_fen.is_some(), body.day_amount_fen.is_some(), body.day_count.is_some()];
        one_of("as_configured", body.as_configured, says.contains(&true))?;
        Ok(Self { by: checked_name(&body.by)?, wish: Wish::Limit(body) })
    }

    /// Reads the body of a maintenance window, or of its cancellation.
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: not JSON of this form.
    pub fn maintenance(body: &[u8]) -> Result<Self, Refusal> {
        let body: MaintenanceBody = parse(body)?;
        let window = body.bank.is_some() || body.centre || body.from.is_some() || body.until.is_some();
        one_of("cancel", body.cancel.is_some(), window || body.text.is_some())?;
        if window && body.bank.is_some() == body.centre {
            return Err(Refusal::value("bank", "name either one bank, or \"centre\": true"));
        }
        Ok(Self { by: checked_name(&body.by)?, wish: Wish::Maintenance(body) })
    }

    /// The setting that fulfils the request in `state`.
    pub(super) fn setting(&self, state: &State, now_us: u64) -> Result<Setting, Refusal> {
        let change = match &self.wish {
            Wish::Participant(id, body) => participant_change(state, id, body)?,
            Wish::Limit(body) => limit_change(state, body)?,
            Wish::Maintenance(body) => maintenance_change(state, body, now_us)?,
        };
        Ok(Setting::new(state.slot(&change)?, &self.by, now_us, change))
    }
}

fn participant_change(state: &State, id: &str, body: &ParticipantBody) -> Result<Change, Refusal> {
    let participant = state.find(id)?;
    let id = participant.id.as_str().to_owned();
    if body.as_configured {
        return Ok(Change::Participant { id, rules: None });
    }
    let now = state.rules_of(participant).clone();
    // Without a rate there is no burst.
    let burst = if body.rate_per_s == Some(None) { None } else { now.rate_burst };
    let rules = AdmissionRules {
        businesses: body.businesses.clone().unwrap_or(now.businesses),
        rate_per_s: body.rate_per_s.unwrap_or(now.rate_per_s),
        rate_burst: body.rate_burst.unwrap_or(burst),
        pacing_ms: body.pacing_ms.unwrap_or(now.pacing_ms),
        drained: body.drained.unwrap_or(now.drained),
    };
    Ok(Change::Participant { id, rules: Some(rules) })
}

fn limit_change(state: &State, body: &LimitBody) -> Result<Change, Refusal> {
    let now = state.limit_of(state.key(body.layer, &body.bank, body.institution.as_deref())?);
    let limit = (!body.as_configured).then(|| LimitTable {
        per_payment_fen: body.per_payment_fen.unwrap_or(now.per_payment_fen),
        day_amount_fen: body.day_amount_fen.unwrap_or(now.day_amount_fen),
        day_count: body.day_count.unwrap_or(now.day_count),
    });
    Ok(Change::Limit { layer: body.layer, bank: body.bank.clone(), institution: body.institution.clone(), limit })
}

fn maintenance_change(state: &State, body: &MaintenanceBody, now_us: u64) -> Result<Change, Refusal> {
    if let Some(number) = body.cancel {
        state.can_cancel(number)?;
        return Ok(Change::MaintenanceCancelled { number });
    }
    let needed = |key: &str, value: &Option<String>| value.clone().ok_or_else(|| Refusal::value(key, "is missing"));
    let window = WindowText {
        bank: body.bank.clone(),
        from: needed("from", &body.from)?,
        until: needed("until", &body.until)?,
        text: body.text.clone().unwrap_or_default(),
    };
    let until = crate::config::parse_time("until", &window.until)?;
    if until.unix_micros() <= now_us {
        return Err(Refusal::value("until", "is over already"));
    }
    Ok(Change::Maintenance { number: state.next_window(), window })
}
