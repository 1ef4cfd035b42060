//! A run of load during which the node is killed again and again.

use std::time::Duration;

use clearway_loadgen::{Finished, Plan, Run};
use clearway_tests::process::NodeProcess;
use clearway_tests::seed::Draws;
use clearway_tests::site::Site;

/// Loads `site` by `plan`, and kills its node `kills` times, each time after `least_ms` to 900 ms; every fourth time once more while it
/// is still recovering. The node that runs at the end, and what the institutions know.
pub(crate) fn load_and_kill(
    site: &Site,
    plan: &Plan,
    kills: usize,
    least_ms: u64,
    draws: &mut Draws,
) -> (NodeProcess, Finished) {
    let mut node = site.start();
    let run = Run::start(plan, site.parties(), &site.target()).expect("a run");
    for _ in 0..kills {
        pause(draws, least_ms, 900);
        node.kill();
        if draws.below(4) == 0 {
            site.start_and_kill_after(Duration::from_micros(draws.between(0, 60_000)));
        }
        node = site.start();
    }
    pause(draws, 300, 600);
    run.stop();
    (node, run.wait().expect("the run ends"))
}

/// Ends the node, and has its own tool judge the journal and every signature in it.
pub(crate) fn end_and_verify(site: &Site, node: NodeProcess) {
    assert_eq!(node.terminate().code, Some(0));
    let (journal, config) = (site.journal().display().to_string(), site.config().display().to_string());
    let verified = site.run(&["journal", "verify", &journal, "--config", &config]);
    let said = [verified.stdout, verified.stderr].map(|said| String::from_utf8_lossy(&said).into_owned());
    assert!(verified.status.success(), "{}{}", said[0], said[1]);
}

fn pause(draws: &mut Draws, from_ms: u64, to_ms: u64) {
    // Not to wait for anything: the moment of the kill is what is drawn.
    std::thread::sleep(Duration::from_millis(draws.between(from_ms, to_ms)));
}
