//! Links as participants.toml and clearway.toml write them.

use std::fs;

use super::*;
use crate::error::Error;
use crate::init;

/// A configuration whose last participant has these links instead of its url, and these lines in `[links]`.
fn load(links: &str, section: &str) -> Result<Config, Error> {
    let dir = tempfile::tempdir().unwrap();
    let options = init::Options { institutions: 1, banks: 1, plain_http: true, ..init::Options::new(1_790_000_000) };
    let path = init::write(dir.path(), &options).unwrap().config;
    let file = dir.path().join("participants.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (head, rest) = text.rsplit_once("url = ").unwrap();
    let rest = rest.split_once('\n').unwrap().1;
    fs::write(&file, format!("{head}{rest}{links}")).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let changed = section.lines().fold(text, |text, line| {
        let key = line.split(" =").next().unwrap();
        let old = text.lines().find(|old| old.starts_with(&format!("{key} ="))).unwrap().to_owned();
        text.replacen(&old, line, 1)
    });
    fs::write(&path, changed).unwrap();
    Config::load(&path)
}

fn link(name: &str, more: &str) -> String {
    let path = name.replace(' ', "");
    format!("[[participant.link]]\nname = \"{name}\"\nurl = \"http://127.0.0.1:9/{path}\"\n{more}\n")
}

fn last(config: &Config) -> &Participant {
    config.participants.iter().last().unwrap()
}

#[test]
fn several_links_are_read_with_their_defaults() {
    let links = [
        link("main", "centre = \"east\"\nconnections_max = 7"),
        link("second", "weight = 5\nin_flight_max = 9"),
        link("far_away", "role = \"standby\""),
    ];
    let config = load(&links.concat(), "probe = \"connect\"\nhold_down_ms = 7").unwrap();
    let read = &last(&config).links;
    let roles: Vec<_> = read.iter().map(|one| (one.name.as_str(), one.role, one.weight)).collect();
    let expected = [("main", LinkRole::Active, 1), ("second", LinkRole::Active, 5), ("far_away", LinkRole::Standby, 1)];
    assert_eq!(roles, expected);
    assert_eq!((read[0].centre.as_str(), read[0].connections_max, read[1].in_flight_max), ("east", Some(7), Some(9)));
    assert_eq!(read[2].endpoint.path(), "/far_away");
    assert_eq!((config.links.probe, config.links.hold_down_ms), (LinkProbe::Connect, 7));
    assert_eq!(last(&config).endpoint(), &read[0].endpoint);
}

#[test]
fn one_url_is_one_active_link_named_main() {
    let config = load("url = \"http://127.0.0.1:9/epcc\"\nprobe = \"none\"\nswitch_back = \"manual\"\n", "").unwrap();
    let one = last(&config);
    assert_eq!(one.links, [LinkConfig::main("http://127.0.0.1:9/epcc".parse().unwrap())]);
    assert_eq!((one.probe, one.switch_back), (Some(LinkProbe::None), Some(LinkSwitchBack::Manual)));
    assert_eq!(config.links, LinksSection { plain_http: true, ..LinksSection::default() });
}

#[test]
fn links_that_cannot_be_are_refused_by_key() {
    let many = (0..17).map(|number| link(&format!("l{number}"), "")).collect::<String>();
    let url = "url = \"http://127.0.0.1:9/\"\n";
    for (links, section, named) in [
        (String::new(), "", "url: is missing"),
        (format!("{url}{}", link("main", "")), "", "url: stands beside"),
        (many, "", "17 links"),
        (link("", ""), "", "link.name"),
        (link("a b", ""), "", "link.name"),
        (link(&"n".repeat(33), ""), "", "link.name"),
        (link("main", "") + &link("main", ""), "", "twice"),
        (link("main", "centre = \"<east>\""), "", "link.centre"),
        (link("main", "weight = 0"), "", "link.weight"),
        (link("main", "weight = 1001"), "", "link.weight"),
        (link("main", "connections_max = 0"), "", "link.connections_max"),
        (link("main", "in_flight_max = 0"), "", "link.in_flight_max"),
        (link("main", "role = \"standby\""), "", "standby links alone"),
        (link("a", "role = \"shared\"") + &link("b", ""), "", "side by side"),
        (link("main", "role = \"spare\""), "", "spare"),
        (link("main", "colour = 1"), "", "colour"),
        (link("main", ""), "down_after = 0", "links.down_after"),
        (link("main", ""), "up_after = 101", "links.up_after"),
        (link("main", ""), "hold_down_max_ms = 5", "links.hold_down_max_ms"),
        (link("main", ""), "trial_messages = 0", "links.trial_messages"),
        (link("main", ""), "probe_fast_ms = 0", "links.probe_fast_ms"),
        (link("main", ""), "probe = \"icmp\"", "icmp"),
    ] {
        let error = load(&links, section).expect_err(named).to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
}
