//! A site whose first bank can also be reached over an agent and over the adapter of an old direct channel.

use std::fs;
use std::path::PathBuf;

use clearway_codec::{Field, TrxStatus};
use clearway_loadgen::bank::Leg;
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::institution::{Institution, id_of};
use clearway_tests::letter::Letter;
use clearway_tests::process::NodeProcess;
use clearway_tests::site::Site;
use serde_json::Value;

use crate::NODE;

/// The bank of the accounts, the bank that acts as its agent, and the adapter of the old direct channel: places of banks.
pub(crate) const BANK: usize = 1;
pub(crate) const AGENT: usize = 2;
pub(crate) const ADAPTER: usize = 3;

/// A site with a table of routes.
pub(crate) struct Rig {
    pub(crate) site: Site,
}

impl Rig {
    /// A site whose table is `routes`, with `{BANK}`, `{AGENT}`, `{ADAPTER}` and `{INSTITUTION}` for the ids.
    pub(crate) fn new(routes: &str) -> Self {
        let site = Site::with(NODE, &Behaviours::healthy(), |options| options.banks = 6);
        let reserve = site.institution(0).reserve_bank();
        assert!(![BANK, AGENT, ADAPTER].contains(&reserve), "the reserve is at {reserve}");
        let rig = Self { site };
        [AGENT, ADAPTER].into_iter().for_each(|place| rig.behave(place, Behaviour::default()));
        rig.write("routes.toml", routes);
        let config = fs::read_to_string(rig.site.config()).expect("a configuration");
        assert!(config.contains("# file = \"routes.toml\""), "init says how");
        let config = config.replace("# file = \"routes.toml\"", "file = \"routes.toml\"");
        fs::write(rig.site.config(), config).expect("written");
        rig
    }

    pub(crate) fn institution(&self) -> Institution<'_> {
        self.site.institution(0)
    }

    /// Writes a file into the folder of the site.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let institution = self.institution();
        let text = text
            .replace("{BANK}", institution.bank(BANK))
            .replace("{AGENT}", institution.bank(AGENT))
            .replace("{ADAPTER}", institution.bank(ADAPTER))
            .replace("{INSTITUTION}", institution.identity().id.as_str());
        let path = self.site.dir().join(name);
        fs::write(&path, text).expect("written");
        path
    }

    /// Pays 10.00 from an account of the bank: the letter, and the answer.
    pub(crate) fn pay(&self) -> (Letter, Answer) {
        let letter = self.institution().payment(BANK, 1_000);
        let answer = self.institution().send(&letter);
        (letter, answer)
    }

    /// Pays, which must succeed; the places of the banks that were debited.
    pub(crate) fn pays_over(&self) -> Vec<usize> {
        let (letter, answer) = self.pay();
        assert_eq!(answer.status(), Some(TrxStatus::Success), "{answer}");
        self.debited(&letter)
    }

    /// The banks that a payment was debited at.
    pub(crate) fn debited(&self, letter: &Letter) -> Vec<usize> {
        self.booked(letter, Leg::Debit)
    }

    /// The banks that have a leg of a payment in their books.
    pub(crate) fn booked(&self, letter: &Letter, leg: Leg) -> Vec<usize> {
        let books = 0..self.site.parties().banks.len();
        books.filter(|place| self.site.book(*place, id_of(letter), leg).net_fen() != 0).collect()
    }

    /// How a bank behaves; the agent and the adapter take legs for accounts of the bank all the same.
    pub(crate) fn behave(&self, place: usize, behaviour: Behaviour) {
        let behaviour = Behaviour { is_agent: [AGENT, ADAPTER].contains(&place), ..behaviour };
        let bank = self.site.parties().banks[place].identity.id;
        assert!(self.site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour"));
    }

    /// Runs a command of the node's command line: exit code, what it printed, what it complained about.
    pub(crate) fn run(&self, node: Option<&NodeProcess>, arguments: &[&str]) -> (Option<i32>, String, String) {
        let config = match node {
            Some(node) => self.operators_config(node),
            None => self.site.config().to_owned(),
        };
        let config = config.display().to_string();
        let all: Vec<&str> = arguments.iter().copied().chain(["--config", &config]).collect();
        let output = self.site.run(&all);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    /// A copy of the configuration that knows where the admin server really is; the port was chosen when the node started.
    fn operators_config(&self, node: &NodeProcess) -> PathBuf {
        let text = fs::read_to_string(self.site.config()).expect("a configuration");
        let path = self.site.dir().join("operator.toml");
        fs::write(&path, text.replace("127.0.0.1:0\"", &format!("{}\"", node.ready.admin))).expect("written");
        path
    }

    /// A channel of the bank, as the node shows it.
    pub(crate) fn channel(&self, node: &NodeProcess, number: u64) -> Value {
        let routes = admin::json(node.ready.admin, "/routes");
        let bank = self.institution().bank(BANK);
        let channels = routes["channels"].as_array().expect("channels");
        let found = channels.iter().find(|channel| channel["bank"] == bank && channel["number"] == number);
        found.unwrap_or_else(|| panic!("no channel {number} in {routes}")).clone()
    }
}

/// Status and deciding code of an answer.
pub(crate) fn outcome(answer: &Answer) -> (Option<TrxStatus>, Option<String>) {
    (answer.status(), answer.text(Field::BizStsCd))
}

/// A refusal with this code.
pub(crate) fn refused(code: &str) -> (Option<TrxStatus>, Option<String>) {
    (Some(TrxStatus::Failure), Some(code.to_owned()))
}
