//! The operator's commands at a door behind certificates.

use std::process::Output;

use clearway_tests::pki::{Authority, Paper, Term};

use crate::door::{Door, NAME};

/// Runs a command: exit code, stdout, stderr.
fn run(door: &Door, line: &str) -> (Option<i32>, String, String) {
    let arguments: Vec<_> = line.split(' ').collect();
    let Output { status, stdout, stderr } = door.site.run(&arguments);
    (status.code(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
}

/// The options that show `paper`, whose files have this name.
fn shows(door: &Door, name: &str, paper: &Paper) -> String {
    let certificate = door.write(&format!("{name}.pem"), &paper.certificate_pem);
    let key = door.write(&format!("{name}.key"), &paper.key_pem);
    format!("--certificate {} --key {}", certificate.display(), key.display())
}

#[test]
fn commands_show_a_certificate_and_say_what_is_wrong_with_it() {
    let door = Door::new();
    let revoked = door.operator("li.wei");
    door.revoke(&[&revoked]);
    let node = door.site.start();
    let bank = door.site.institution(0).bank(0);
    let ca = door.site.dir().join("operators.pem").display().to_string();
    let to = format!("--node {} --ca {ca} --name {NAME}", node.ready.admin);
    let (li, wang) = (shows(&door, "li", &door.operator("li.wei")), shows(&door, "wang", &door.operator("wang")));
    let set = format!("limits set --layer bank --bank {bank} --day-count 9");
    for (line, part) in [
        (format!("{set} {to} {li}"), " by li.wei: "),
        (format!("limits list {to} {wang}"), "by li.wei"),
        (format!("history --json {to} {wang}"), r#""by":"li.wei""#),
        (format!("keys reload {to} {li} --by li.wei"), "certificate_sha256"),
    ] {
        let (code, said, error) = run(&door, &line);
        assert!(code == Some(0) && said.contains(part), "{line}: {said}{error}");
    }
    let stranger = Authority::new("somebody else").issue(&["li.wei.operator.internal"], Term::Now);
    let (unknown, revoked) = (shows(&door, "stranger", &stranger), shows(&door, "revoked", &revoked));
    let participant = door.authority.issue(&["c1000131000017.participant.internal"], Term::Now);
    let participant = shows(&door, "participant", &participant);
    let of_others = door.write("others.pem", Authority::new("others").pem()).display().to_string();
    for (line, code, words) in [
        (format!("{set} {to} {wang}"), 3, "may read, not change"),
        (format!("{set} {to} {li} --by wang"), 3, "somebody else than the certificate"),
        (format!("limits list {to} {participant}"), 3, "no operator's"),
        (format!("limits list {to} {unknown}"), 3, "does not let this certificate in"),
        (format!("limits list {to} {revoked}"), 3, "does not let this certificate in"),
        (format!("limits list {to} {li}").replace(NAME, "another.name"), 3, "does not prove"),
        (format!("limits list {to} {li}").replace(&ca, &of_others), 3, "does not prove"),
        (format!("limits list --node {} {li}", node.ready.admin), 3, "--ca and --name"),
        (format!("limits list --node {}", node.ready.admin), 4, "behind certificates"),
        (format!("limits list {to} {li}").replace("li.pem", "none.pem"), 4, "none.pem"),
        (format!("limits list {to} {li}").replace("li.key", "wang.key"), 3, "private_key"),
    ] {
        let (exit, _, error) = run(&door, &line);
        assert!(exit == Some(code) && error.contains(words), "{line}: {exit:?} {error}");
    }
}
