//! The rules of the cut-over as they are written, in a file of routes or alone.
//!
//! ```toml
//! [general]                          # for whom nothing else is said; left out: everything through the switch
//! new_customers = true
//! share = 2500                       # of the existing customers, in ten-thousandths
//!
//! [[institution]]
//! id = "Z2004944000010"
//! rule.halted = true                 # everything back to the direct channel, in a moment
//!
//! [[channel]]
//! institution = "Z2007933000010"
//! bank = "C1010211000012"
//! rule.share = 10000
//! rule.direct = ["#00000000000000ff"]     # customers who stay direct, by their digests
//! rule.switch = []                        # customers who go through the switch
//!
//! [[bank]]
//! id = "C1010211000012"
//! direct_refund = "forward"          # refunds of direct payments: forward, hold or refuse
//! ```

use serde::{Deserialize, Serialize};

use super::resolve::{digest, participant};
use crate::config::{ParticipantKind, Participants};
use crate::domain::route::{Cutover, CutoverRule, DirectRefund, SHARE_MAX};
use crate::error::{Error, Fault};

/// All rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CutoverFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    general: Option<RuleTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    institution: Vec<InstitutionTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    channel: Vec<ChannelTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bank: Vec<BankTable>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct RuleTable {
    halted: bool,
    new_customers: bool,
    share: u16,
    direct: Vec<String>,
    switch: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct InstitutionTable {
    id: String,
    rule: RuleTable,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ChannelTable {
    institution: String,
    bank: String,
    rule: RuleTable,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct BankTable {
    id: String,
    direct_refund: RefundWord,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum RefundWord {
    Forward,
    Hold,
    Refuse,
}

impl CutoverFile {
    /// The rules, with participants by their indexes.
    ///
    /// # Errors
    /// The first key that cannot be: a share above the whole, a customer that is no digest, an id of no such participant.
    pub fn resolve(&self, participants: &Participants) -> Result<Cutover, Error> {
        let mut cutover = Cutover::default();
        let institution = |key: &str, id: &str| participant(participants, key, id, ParticipantKind::Institution);
        let bank = |key: &str, id: &str| participant(participants, key, id, ParticipantKind::Bank);
        if let Some(rule) = &self.general {
            cutover.general = rule.resolve("general")?;
        }
        for table in &self.institution {
            let index = institution("institution.id", &table.id)?;
            cutover.institutions.insert(index, table.rule.resolve("institution.rule")?);
        }
        for table in &self.channel {
            let pair = (institution("channel.institution", &table.institution)?, bank("channel.bank", &table.bank)?);
            cutover.channels.insert(pair, table.rule.resolve("channel.rule")?);
        }
        for table in &self.bank {
            let refund = match table.direct_refund {
                RefundWord::Forward => DirectRefund::Forward,
                RefundWord::Hold => DirectRefund::Hold,
                RefundWord::Refuse => DirectRefund::Refuse,
            };
            cutover.direct_refunds.insert(bank("bank.id", &table.id)?, refund);
        }
        Ok(cutover)
    }
}

impl RuleTable {
    fn resolve(&self, key: &str) -> Result<CutoverRule, Error> {
        if self.share > SHARE_MAX {
            let what = format!("{} is above {SHARE_MAX}", self.share);
            return Err(Error::new(Fault::Configuration, what).at(format!("{key}.share")));
        }
        // Lists are kept in files: digests only.
        let list = |name: &str, texts: &[String]| {
            texts.iter().map(|text| digest(&format!("{key}.{name}"), text)).collect::<Result<_, _>>()
        };
        Ok(CutoverRule {
            halted: self.halted,
            new_customers: self.new_customers,
            share: self.share,
            direct: list("direct", &self.direct)?,
            switch: list("switch", &self.switch)?,
        })
    }
}
