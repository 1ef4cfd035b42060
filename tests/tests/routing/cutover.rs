//! The cut-over from the direct channel: by file, reversed in a moment, and standing over restarts.

use crate::rig::{ADAPTER, BANK, Rig, outcome, refused};

const DIRECT: &str = "
[[channel]]
bank = \"{BANK}\"
number = 9
name = \"old\"
via = \"{ADAPTER}\"
kind = \"direct\"
";
const HALTED: &str = "[general]\nhalted = true\n";

#[test]
fn the_cut_over_is_reversed_in_a_moment() {
    let rig = Rig::new(DIRECT);
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [BANK]);
    let load = |node: &_, file: &str| {
        let (code, _, complaint) = rig.run(Some(node), &["routes", "load", "--cutover", file, "--by", "li.wei"]);
        assert_eq!(code, Some(0), "{complaint}");
    };
    let (halted, over) = (rig.write("halted.toml", HALTED), rig.write("over.toml", ""));
    let (halted, over) = (halted.display().to_string(), over.display().to_string());
    load(&node, &halted);
    assert_eq!(rig.pays_over(), [ADAPTER]);
    load(&node, &over);
    assert_eq!(rig.pays_over(), [BANK]);
    load(&node, &halted);
    node.kill();
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [ADAPTER], "what was changed at run time stands");
    let (code, history, complaint) = rig.run(Some(&node), &["routes", "history"]);
    assert_eq!((code, history.matches("li.wei").count()), (Some(0), 3), "{history}{complaint}");
    let (code, _, complaint) = rig.run(Some(&node), &["routes", "load", "--as-configured", "--by", "li.wei"]);
    assert_eq!(code, Some(0), "{complaint}");
    assert_eq!(rig.pays_over(), [BANK]);
}

#[test]
fn a_customer_of_the_direct_channel_is_told_so_where_there_is_none() {
    let rig = Rig::new("[cutover.general]\nhalted = true\n");
    let node = rig.site.start();
    let (letter, answer) = rig.pay();
    assert_eq!((outcome(&answer), rig.debited(&letter)), (refused("PB520096"), vec![]), "{answer}");
    let repeated = rig.institution().send(&letter);
    assert_eq!(outcome(&repeated), refused("PB520096"), "told once, told the same again");
    let institution = rig.institution();
    let example = format!("institution={},bank={},amount=10.00", institution.identity().id, institution.bank(BANK));
    let (code, why, complaint) = rig.run(Some(&node), &["route", "why", &example]);
    assert_eq!(code, Some(0), "{complaint}");
    assert!(why.contains("the cut-over is halted") && why.contains("declined with PB520096"), "{why}");
}
