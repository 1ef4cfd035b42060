//! The archive as those read it whom it is for: DuckDB over the files that a real node's journal makes, without a word about them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use clearway_codec::{Field, TrxStatus};
use clearway_tests::requirement::{self, tools_are_required};
use clearway_tests::site::Site;
use serde_json::Value;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");

/// The query of the README, and what else must hold, as JSON on one line each.
const QUERIES: &str = r#"
import duckdb, json, sys
files = sys.argv[1] + "/*/*/*.parquet"
def ask(query):
    print(json.dumps([[str(value) for value in row] for row in duckdb.sql(query.format(f"read_parquet('{files}')")).fetchall()]))
ask("""WITH legs AS (
         SELECT credit_bank AS bank, amount FROM {0} WHERE trx_status IN ('00', '03')
         UNION ALL SELECT debit_bank, -amount FROM {0} WHERE trx_status IN ('00', '03'))
       SELECT bank, sum(amount) AS net FROM legs GROUP BY bank ORDER BY bank""")
ask("SELECT count(*), count(DISTINCT trx_id), sum(amount)::DECIMAL(20,2), count(DISTINCT batch), count(DISTINCT day) FROM {0}")
ask("SELECT business, trx_status, count(*), sum(amount) FROM {0} GROUP BY ALL ORDER BY ALL")
ask("SELECT column_name, column_type FROM (DESCRIBE SELECT trx_id, amount, institution_no, has_reserve, accepted_at FROM {0})")
ask("SELECT count(*) FROM {0} WHERE batch = batch_id AND finished_at >= accepted_at AND length(trx_id) = 31 AND octet_length(raw) = 0")
"#;

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// What each line of the script says; nothing when there is no DuckDB here.
fn ask_duckdb(archive: &Path) -> Option<Vec<Value>> {
    let python = requirement::find("python3").map(|python| {
        let has =
            Command::new(&python).args(["-c", "import duckdb"]).output().is_ok_and(|output| output.status.success());
        (python, has)
    });
    let Some((python, true)) = python else {
        assert!(!tools_are_required(), "python3 with the package duckdb is missing");
        requirement::skip("the archive", "python3 with the package duckdb");
        return None;
    };
    let output = Command::new(python).args(["-c", QUERIES]).arg(archive).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    Some(text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

/// Pays, refunds and is refused; gives the batches, and how much has moved in fen.
fn trade(site: &Site) -> (BTreeSet<String>, u64) {
    let mut batches = BTreeSet::new();
    let mut moved_fen = 0;
    for place in [0, 1] {
        let institution = site.institution(place);
        for (payer_bank, fen) in [(0, 1), (1, 128_385), (2, 999_999_999_999)] {
            let payment = institution.payment(payer_bank, fen);
            let receipt = institution.send(&payment);
            assert_eq!(receipt.status(), Some(TrxStatus::Success));
            batches.insert(receipt.text(Field::BatchId).expect("a batch"));
            moved_fen += fen;
            if fen > 100 {
                let receipt = institution.send(&institution.refund(&payment, 34));
                assert_eq!(receipt.status(), Some(TrxStatus::Success));
                batches.insert(receipt.text(Field::BatchId).expect("a batch"));
                moved_fen += 34;
            }
        }
    }
    (batches, moved_fen)
}

#[test]
fn duckdb_reads_the_archive_as_it_is_and_its_sums_are_those_of_the_journal() {
    let site = Site::new(NODE);
    let node = site.start();
    let (batches, moved_fen) = trade(&site);
    let config = site.config().display().to_string();
    let out = site.dir().join("demo-archive");
    let mut journal = Vec::new();
    // The first beside the node, the others when it has stopped.
    let mut node = Some(node);
    for batch in &batches {
        let archived =
            site.run(&["books", "archive", batch, "--config", &config, "--out", &out.display().to_string(), "--json"]);
        assert!(archived.status.success(), "{}", String::from_utf8_lossy(&archived.stderr));
        assert_eq!(json(&archived)["provisional"], Value::Bool(true));
        if let Some(node) = node.take() {
            assert_eq!(node.terminate().code, Some(0));
        }
        let recomputed = json(&site.run(&["books", "recompute", batch, "--config", &config, "--json"]));
        assert_eq!(recomputed["sum_of_positions_fen"], 0);
        journal.push(recomputed);
    }
    let sum = |key: &str| journal.iter().map(|batch| batch[key].as_u64().expect("a number")).sum::<u64>();
    assert_eq!((sum("payments"), sum("moved_fen")), (10, moved_fen));
    let Some(answers) = ask_duckdb(&out) else { return };
    assert_eq!(answers[0], nets(&journal), "{journal:#?}");
    let yuan = format!("{}.{:02}", moved_fen / 100, moved_fen % 100);
    let [batches, one] = [batches.len().to_string(), "1".to_owned()];
    assert_eq!(answers[1][0].as_array().expect("a row")[..4], ["10", "10", &yuan, &batches].map(Value::from));
    assert!(batches != one || answers[1][0][4] == one.as_str());
    assert_eq!(
        answers[2],
        serde_json::json!([["agreement-payment", "00", "6", "20000002567.70"], ["refund", "00", "4", "1.36"]])
    );
    assert_eq!(
        answers[3],
        serde_json::json!([
            ["trx_id", "VARCHAR"],
            ["amount", "DECIMAL(18,2)"],
            ["institution_no", "INTEGER"],
            ["has_reserve", "BOOLEAN"],
            ["accepted_at", "TIMESTAMP WITH TIME ZONE"]
        ])
    );
    assert_eq!(answers[4], serde_json::json!([["10"]]));
}

/// The nets of the recomputed batches, by bank, in yuan.
fn nets(journal: &[Value]) -> Value {
    let mut nets = std::collections::BTreeMap::<String, i64>::new();
    for net in journal.iter().flat_map(|batch| batch["nets"].as_array().expect("nets")) {
        *nets.entry(net["clearing_bank"].as_str().expect("an id").to_owned()).or_default() +=
            net["net_fen"].as_i64().expect("fen");
    }
    let yuan = |fen: i64| format!("{}{}.{:02}", if fen < 0 { "-" } else { "" }, fen.abs() / 100, fen.abs() % 100);
    nets.into_iter().map(|(bank, fen)| serde_json::json!([bank, yuan(fen)])).collect()
}
