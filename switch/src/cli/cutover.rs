//! `clearway agreements way`: which way a customer's payment takes during the cut-over, by a file of rules, and why.
//! The form of the file is [`CutoverFile`]'s.

use serde_json::json;

use super::command::WayArguments;
use super::{Verdict, print};
use crate::config::{Config, ParticipantKind, read_toml};
use crate::domain::route::cutover::{Decision, DirectRefund, Scope, Traveller, Way};
use crate::error::{Error, Fault};
use crate::registrar::Names;
use crate::routing::CutoverFile;
use crate::sensitive::Sealer;

pub(super) fn run(arguments: &WayArguments) -> Result<Verdict, Error> {
    let config = Config::load(&arguments.config)?;
    let keys = config.keys.load()?;
    let sealer = Sealer::new(keys.envelope, keys.digest);
    let digest = |text: &str| sealer.digest(text);
    let names = Names { participants: &config.participants, digest: &digest };
    let file: CutoverFile = read_toml(&arguments.rules)?;
    let cutover =
        file.resolve(&config.participants).map_err(|error| error.at(arguments.rules.display().to_string()))?;
    let traveller = Traveller {
        institution: index(&names, &arguments.institution, ParticipantKind::Institution)?,
        bank: index(&names, &arguments.bank, ParticipantKind::Bank)?,
        customer: names.customer(&arguments.customer).map_err(|error| bad(&error.to_string()))?,
        is_new: arguments.new,
    };
    print(&shown(&cutover.decide(&traveller), cutover.direct_refund(traveller.bank)));
    Ok(Verdict::Good)
}

fn index(names: &Names<'_>, id: &str, kind: ParticipantKind) -> Result<u16, Error> {
    names.index(id, kind).ok_or_else(|| bad(&format!("{id:?} is no {kind} of this node")))
}

fn bad(what: &str) -> Error {
    Error::new(Fault::Configuration, what)
}

/// The decision and its reasons, as JSON.
fn shown(decision: &Decision, direct_refund: DirectRefund) -> String {
    let way = match decision.way {
        Way::Direct => "direct",
        Way::Switch => "switch",
    };
    let scope = match decision.scope {
        Scope::Channel => "channel",
        Scope::Institution => "institution",
        Scope::General => "general",
    };
    let why = decision.ground.to_string();
    let refund = match direct_refund {
        DirectRefund::Forward => "forward",
        DirectRefund::Hold => "hold",
        DirectRefund::Refuse => "refuse",
    };
    let code = direct_refund.refusal().map(|code| String::from_utf8_lossy(&code).into_owned());
    let refund = json!({ "handling": refund, "code": code });
    format!("{:#}\n", json!({ "way": way, "rules": scope, "why": why, "refund_of_direct_payment": refund }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::samples::{BANK, INSTITUTION, config};

    fn decided(rules: &str, customer: u64) -> Result<(Way, Scope), String> {
        let config = config(|_, _| {});
        let file: CutoverFile = toml::from_str(rules).map_err(|error| error.message().to_owned())?;
        let cutover = file.resolve(&config.participants).map_err(|error| error.to_string())?;
        let decision = cutover.decide(&Traveller { institution: 0, bank: 1, customer, is_new: false });
        assert!(shown(&decision, cutover.direct_refund(1)).contains("way"));
        Ok((decision.way, decision.scope))
    }

    #[test]
    fn the_rules_of_the_file_decide() {
        let channel = format!("[[channel]]\ninstitution = {INSTITUTION:?}\nbank = {BANK:?}\n");
        for (rules, expected) in [
            (String::new(), (Way::Switch, Scope::General)),
            ("[general]\nshare = 0".to_owned(), (Way::Direct, Scope::General)),
            (format!("[[institution]]\nid = {INSTITUTION:?}\nrule.halted = true"), (Way::Direct, Scope::Institution)),
            (format!("{channel}rule.switch = [\"#00000000000000ff\"]"), (Way::Switch, Scope::Channel)),
            (
                format!("{channel}rule.direct = [\"#00000000000000ff\"]\nrule.share = 10000"),
                (Way::Direct, Scope::Channel),
            ),
            (format!("[[bank]]\nid = {BANK:?}\ndirect_refund = \"hold\""), (Way::Switch, Scope::General)),
        ] {
            assert_eq!(decided(&rules, 0xff), Ok(expected), "{rules}");
        }
    }

    #[test]
    fn a_file_that_says_what_cannot_be_is_refused() {
        for rules in [
            "share = 1".to_owned(),
            "[general]\nshare = 10001".to_owned(),
            "[general]\ndirect = [\"110101199003074514\"]".to_owned(),
            "[general]\nhalt = true".to_owned(),
            format!("[[institution]]\nid = {BANK:?}\nrule = {{}}"),
            format!("[[bank]]\nid = {INSTITUTION:?}\ndirect_refund = \"hold\""),
            format!("[[bank]]\nid = {BANK:?}\ndirect_refund = \"perhaps\""),
        ] {
            assert!(decided(&rules, 1).is_err(), "{rules}");
        }
    }
}
