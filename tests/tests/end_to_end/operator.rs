//! The operator's commands against a node that runs.

use std::process::Output;

use clearway_tests::site::Site;

use crate::NODE;

/// Runs a command against the door at `node`: its exit code, and what it says on stdout and stderr.
fn run(site: &Site, line: &str, node: &str) -> (Option<i32>, String, String) {
    let arguments: Vec<_> = line.split(' ').chain(["--node", node]).collect();
    let Output { status, stdout, stderr } = site.run(&arguments);
    (status.code(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
}

#[test]
fn changes_are_made_listed_and_remembered_with_who_made_them() {
    let site = Site::new(NODE);
    let node = site.start();
    let (bank, door) = (site.institution(0).bank(0), node.ready.admin.to_string());
    for line in [
        format!("participants set {bank} --drained true --pacing-ms 5 --by li.wei"),
        format!("limits set --layer bank --bank {bank} --day-amount-fen 2050 --day-count none --by li.wei"),
        "maintenance announce --centre --from 2030-01-01T01:00:00 --until 2030-01-01T02:00:00 --by wang".to_owned(),
        "maintenance cancel 1001 --by wang".to_owned(),
        "keys reload --by wang".to_owned(),
    ] {
        let (code, said, error) = run(&site, &line, &door);
        assert!(code == Some(0) && said.contains(" by "), "{line}: {said}{error}");
    }
    for (line, parts) in [
        ("participants list", &[bank, "DRAINED", "yes", "by li.wei"][..]),
        ("limits list", &["bank", bank, "2050", "by li.wei"]),
        ("maintenance list", &["none"]),
        ("history", &["keys", "signature_keys", "by wang", "maintenance-cancelled", "admission", "by li.wei"]),
        ("history --area keys --last 1", &["reloaded"]),
    ] {
        let (code, said, error) = run(&site, line, &door);
        assert!(code == Some(0) && parts.iter().all(|part| said.contains(part)), "{line}: {said}{error}");
    }
    let (_, before, _) = run(&site, "history --json", &door);
    node.kill();
    let node = site.start();
    let (_, after, _) = run(&site, "history --json", &node.ready.admin.to_string());
    assert_eq!(before, after, "a kill forgets no change");
    let entries: Vec<serde_json::Value> = serde_json::from_str(&after).expect("JSON");
    let numbers: Vec<_> = entries.iter().map(|entry| entry["number"].as_u64()).collect();
    assert_eq!(numbers, [Some(4), Some(3), Some(2), Some(1), Some(0)]);
}

#[test]
fn what_goes_wrong_is_told_by_exit_code_and_words() {
    let site = Site::new(NODE);
    let node = site.start();
    let (bank, door) = (site.institution(0).bank(0), node.ready.admin.to_string());
    let by = "--by li";
    for (line, code, words) in [
        (format!("participants set {bank} {by}"), 3, "nothing to change"),
        (format!("participants set {bank} --businesses lottery {by}"), 3, "lottery"),
        (format!("participants set C1999911000015 --drained true {by}"), 1, "no such participant"),
        (format!("maintenance cancel 7 {by}"), 1, "no window 7"),
        (format!("limits set --layer card --bank {bank} --day-count 0 {by}"), 3, "day_count"),
        ("limits set --layer card".to_owned(), 2, "--bank"),
    ] {
        let (exit, _, error) = run(&site, &line, &door);
        assert!(exit == Some(code) && error.contains(words), "{line}: {exit:?} {error}");
    }
    assert_eq!(run(&site, "history --json", &door).1, "[]\n", "nothing was changed");
    drop(node);
    let (exit, _, error) = run(&site, "limits list", &door);
    assert!(exit == Some(4) && error.contains("start the node"), "{exit:?} {error}");
}
