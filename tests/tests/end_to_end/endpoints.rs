//! The operator's pages.

use clearway_tests::admin;
use clearway_tests::site::Site;

use crate::NODE;

#[test]
fn pages_tell_what_happened() {
    let site = Site::new(NODE);
    let node = site.start();
    let address = node.ready.admin;
    for page in ["/healthz", "/readyz", "/metrics", "/status"] {
        assert_eq!(admin::get(address, page).status, 200, "{page}");
    }
    assert_eq!(admin::get(address, "/").status, 404);
    assert_eq!(admin::get(address, "/keys/reload").status, 405);
    assert_eq!(admin::post(address, "/metrics").status, 405);

    let institution = site.institution(0);
    for _ in 0..3 {
        let _ = institution.pay();
    }
    assert_eq!(institution.post(institution.payment(0, 1).document().as_bytes()).code(), "ES000022");
    assert_eq!(institution.try_post(b"no message").expect("an answer").status, 400);
    assert_eq!(admin::metric(address, "clearway_payments_total", "status=\"00\""), 3.0);
    assert_eq!(admin::metric(address, "clearway_payments_accepted_total", ""), 3.0);
    assert_eq!(admin::metric(address, "clearway_refused_total", "ES000022"), 1.0);
    assert_eq!(admin::metric(address, "clearway_http_refused_total", "400"), 1.0);
    assert_eq!(admin::metric(address, "clearway_journal_poisoned", ""), 0.0);
    let metrics = String::from_utf8(admin::get(address, "/metrics").body).expect("text");
    assert!(metrics.contains(&format!("driver=\"{}\"", node.ready.driver)), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
    let status: serde_json::Value = serde_json::from_slice(&admin::get(address, "/status").body).expect("JSON");
    assert!(status.is_object());
}

/// A second node on the same folder would write over the first one's journal.
#[test]
fn a_second_node_on_the_same_folder_does_not_start() {
    let site = Site::new(NODE);
    let _node = site.start();
    let config = std::fs::read_to_string(site.config()).expect("the configuration");
    let other = site.dir().join("other.toml");
    let listen = format!("address = \"{}\"", site.address());
    std::fs::write(&other, config.replacen(&listen, "address = \"127.0.0.1:0\"", 1)).expect("written");
    let output = site.run(&["serve", "--config", &other.display().to_string()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("use"), "{said}");
    let _ = site.institution(0).pay();
}
