//! The text of `clearway.toml` and `participants.toml`: every key, with its value and what it means.
//!
//! Invariant: reading the text gives the sections it was made from (tested), so what stands here as a default is
//! the default.

use std::fmt::Write;

use super::identity::{Identity, NODE_ENCRYPTION_SERIAL, NODE_ID, NODE_SERIAL};
use super::options::Options;
use crate::config::{
    AdminSection, AdminTls, AdmissionRules, BooksSection, BusinessSection, CheckpointSection, ClientFiles, Compression,
    CryptoSection, FileDigest, FileEncryption, JournalDriver, JournalSection, LimitsSection, LinkProbe, LinkSwitchBack,
    LinksSection, ListenTransport, OperatorRule, Right, TimingSection, TlsSection, UnknownAgreements,
};
use crate::domain::business::BUSINESSES;

/// `clearway.toml`.
pub(super) fn node_document(options: &Options) -> String {
    let mut text = format!(
        r#"# A Clearway node. Written by `clearway init`; `clearway serve --config FILE` runs it.
# Paths are relative to this file's folder. Unknown keys are an error. Keys left out take the values that `clearway init` writes.

[node]
id = "{NODE_ID}"                      # IssrId of everything the node sends
serial = "{NODE_SERIAL}"                      # SignSN: serial number of its signing key
key = "keys/node.key.pem"                  # PKCS#8 PEM; keep it readable by the node alone
manifest = "keys/manifest.toml"            # public keys of all participants; read again by clearway keys reload
participants = "participants.toml"
decryption_keys = [{{ serial = "{NODE_ENCRYPTION_SERIAL}", file = "keys/node.enc.key.pem" }}]   # open sensitive values; several while one is replaced
digest_key = "keys/digest.key"             # digests of account numbers are made with it: never change it, keep it secret
retired_keys = []                          # earlier keys of the node, for `clearway trace`: {{ serial = "...", public_key = "..." }}
workers = {workers}                                # reactor threads
pin_cores = {pin_cores:?}                             # core of each worker; [] = wherever the system likes

[listen]
address = "{listen}"                # where participants POST /preSvr
transport = "{transport}"                         # "mtls": TLS with certificates on both sides; "plain-http": anybody who reaches the port
"#,
        workers = options.workers,
        pin_cores = options.pin_cores,
        listen = options.listen.address,
        transport = if options.plain_http { ListenTransport::PlainHttp } else { ListenTransport::Mtls }.name(),
    );
    if !options.plain_http {
        text.push('\n');
        text.push_str(&tls());
    }
    for section in [
        links(options),
        admin(&options.admin),
        journal(&options.journal),
        timing(&options.timing),
        limits(&options.limits),
        business(&options.business),
        books(&options.books),
        ROUTES.to_owned(),
        checkpoint(&options.checkpoint),
        crypto(&options.crypto),
    ] {
        text.push('\n');
        text.push_str(&section);
    }
    text
}

fn tls() -> String {
    let section = TlsSection::new("tls/node.cert.pem".into(), "tls/node.key.pem".into(), "tls/ca.cert.pem".into());
    format!(
        r#"[tls]                                      # all its files are read again by clearway keys reload
certificate = {certificate}          # the node's, then those between it and its authority
private_key = {private_key}           # keep it readable by the node alone
ca = {ca}                     # authorities whose certificates are believed
revocation_lists = []                      # of them, PEM or DER; where there is one, each certificate must be covered by one
versions = "both"                          # "both", "1.2" or "1.3"
handshake_timeout_ms = {handshake_timeout_ms}                # of who connects
handshakes_max = {handshakes_max}                       # under way at once; one more is refused
expiry_warning_days = {expiry_warning_days}                   # what ends within so many days is in the log once a day
"#,
        certificate = quoted(&section.certificate.to_string_lossy()),
        private_key = quoted(&section.private_key.to_string_lossy()),
        ca = quoted(&section.ca.to_string_lossy()),
        handshake_timeout_ms = section.handshake_timeout_ms,
        handshakes_max = section.handshakes_max,
        expiry_warning_days = section.expiry_warning_days,
    )
}

fn admin(section: &AdminSection) -> String {
    let mut text = format!(
        r#"[admin]
address = "{}"                # the operator's door: programs of this machine alone, unless there is [admin.tls]
"#,
        section.address
    );
    text.push_str(&section.tls.as_ref().map_or_else(
        || {
            "\
# Other machines need certificates, and so does the door; with them nobody comes in without one. By the name in an
# operator's certificate, NAME.operator.internal, it is known who made a change.
# [admin.tls]
# certificate = \"tls/node.cert.pem\"
# private_key = \"tls/node.key.pem\"
# ca = \"tls/ca.cert.pem\"                   # operators' certificates come from it
# revocation_lists = []                   # of it; read again, like the certificates, by clearway keys reload
# operators = [{ name = \"chief\", right = \"change\" }, { name = \"watch\", right = \"read\" }]
# client = { certificate = \"tls/chief.cert.pem\", private_key = \"tls/chief.key.pem\" }   # for commands on this machine\n"
                .to_owned()
        },
        admin_tls,
    ));
    text
}

fn admin_tls(tls: &AdminTls) -> String {
    let path = |path: &std::path::Path| quoted(&path.to_string_lossy());
    let operator = |one: &OperatorRule| {
        let right = if one.right == Right::Change { "change" } else { "read" };
        format!("{{ name = {}, right = \"{right}\" }}", quoted(&one.name))
    };
    let operators: Vec<_> = tls.operators.iter().map(operator).collect();
    let lists: Vec<_> = tls.revocation_lists.iter().map(|list| path(list)).collect();
    let mut text = format!(
        "[admin.tls]\ncertificate = {}\nprivate_key = {}\nca = {}\nrevocation_lists = [{}]\noperators = [{}]\n",
        path(&tls.certificate),
        path(&tls.private_key),
        path(&tls.ca),
        lists.join(", "),
        operators.join(", "),
    );
    // Writing to a String cannot fail.
    if let Some(name) = &tls.name {
        let _ = writeln!(text, "name = {}", quoted(name));
    }
    if let Some(ClientFiles { certificate, private_key }) = &tls.client {
        let (certificate, key) = (path(certificate), path(private_key));
        let _ = writeln!(text, "client = {{ certificate = {certificate}, private_key = {key} }}");
    }
    text
}

fn links(options: &Options) -> String {
    let section = LinksSection::default();
    let probe = match section.probe {
        LinkProbe::Message => "message",
        LinkProbe::Connect => "connect",
        LinkProbe::None => "none",
    };
    let switch_back = match section.switch_back {
        LinkSwitchBack::Auto => "auto",
        LinkSwitchBack::Manual => "manual",
    };
    format!(
        r#"[links]
plain_http = {plain_http}                       # true lets participants have http addresses, which protect nothing
probe = "{probe}"                        # how a link is asked whether it works: message (991), connect or none
suspect_after_ms = {}                  # asked at once when an answer is out for so long and nothing came
probe_fast_ms = {}                     # from one probe to the next where there is doubt
probe_timeout_ms = {}                  # of a probe, connection and all
probe_interval_ms = {}                # from one probe to the next of a quiet link
down_after = {}                          # failures in a row that bring a link down
hold_down_ms = {}                     # left alone for so long; doubles with every time
hold_down_max_ms = {}
flap_half_life_ms = {}              # in this time half of the times are forgotten
up_after = {}                            # good probes in a row, then a trial
trial_messages = {}                      # real messages that must all do well
trial_ms = {}                         # a trial without a failure ends well after so long
errors_in_row_max = {}                 # HTTP errors and bad signatures that bring a link down; 0: never
silent_ms = {}                        # without 991: silence that is a failure
switch_back = "{switch_back}"                     # auto or manual: whether an active link that has come back takes over again
switch_back_after_ms = {}            # well for so long before it does
"#,
        section.suspect_after_ms,
        section.probe_fast_ms,
        section.probe_timeout_ms,
        section.probe_interval_ms,
        section.down_after,
        section.hold_down_ms,
        section.hold_down_max_ms,
        section.flap_half_life_ms,
        section.up_after,
        section.trial_messages,
        section.trial_ms,
        section.errors_in_row_max,
        section.silent_ms,
        section.switch_back_after_ms,
        plain_http = options.plain_http,
    )
}

fn journal(section: &JournalSection) -> String {
    let driver = match section.driver {
        JournalDriver::Auto => "auto",
        JournalDriver::IoUring => "io_uring",
        JournalDriver::Pwrite => "pwrite",
    };
    format!(
        r#"[journal]
dir = {dir}
driver = "{driver}"                            # auto, io_uring or pwrite; the one in use is in log, /metrics and /status
segment_bytes = {}
segments_ahead = {}                         # segments zeroed before they are needed
group_bytes_max = {}                  # most bytes made durable by one sync
groups_in_flight_max = {}                   # groups being written at once
linger_us = {}                              # least time from one group of records to the next
"#,
        section.segment_bytes,
        section.segments_ahead,
        section.group_bytes_max,
        section.groups_in_flight_max,
        section.linger_us,
        dir = quoted(&section.dir.to_string_lossy()),
    )
}

fn timing(section: &TimingSection) -> String {
    format!(
        r#"[timing]
connect_timeout_ms = {}
leg1_deadline_ms = {}                    # debit, unless the participant names its own
leg2_deadline_ms = {}                    # credit, unless the participant names its own
receipt_deadline_ms = {}                # then the institution is told "in process" (ES000033, 02)
answer_timeout_ms = {}                  # how long a connection is kept for a late answer
query_schedule_ms = {:?}       # queries after a leg became unknown; after the last, presumption
notice_schedule_ms = {:?}  # resends of a terminal notice
drain_deadline_ms = {}
"#,
        section.connect_timeout_ms,
        section.leg1_deadline_ms,
        section.leg2_deadline_ms,
        section.receipt_deadline_ms,
        section.answer_timeout_ms,
        section.query_schedule_ms,
        section.notice_schedule_ms,
        section.drain_deadline_ms,
    )
}

fn limits(section: &LimitsSection) -> String {
    format!(
        r#"[limits]
payments_max = {}                    # payments in memory, some 220 bytes each as they come
in_flight_max = {}                      # payments without a receipt; more are refused with PS500001
in_flight_per_participant_max = {}       # unless the participant names its own
connections_max = {}                     # of participants to the node
connections_per_participant_max = {}      # of each worker to one participant, unless it names its own
body_bytes_max = {}
head_bytes_max = {}
headers_max = {}
receive_timeout_ms = {}                  # from a request's first byte to its last
"#,
        section.payments_max,
        section.in_flight_max,
        section.in_flight_per_participant_max,
        section.connections_max,
        section.connections_per_participant_max,
        section.body_bytes_max,
        section.head_bytes_max,
        section.headers_max,
        section.receive_timeout_ms,
    )
}

fn business(section: &BusinessSection) -> String {
    let unknown = match section.unknown_agreements {
        UnknownAgreements::Refuse => "refuse",
        UnknownAgreements::Pass => "pass",
    };
    let working_days = section.working_days.as_ref().map_or_else(
        || "# working_days = \"days.csv\"            # working days and holidays, instead of those of the large-value system".into(),
        |file| format!("working_days = {}", quoted(&file.to_string_lossy())),
    );
    format!(
        r#"[business]
unknown_agreements = "{unknown}"               # a number that the register does not know: "refuse", or "pass" it to its bank
agreements_max = {}                  # agreements in memory, some 120 bytes each
control_numbers = {:?}                     # last six digits of transaction ids; [] = the platform's twenty
enforce_control_numbers = {}
{working_days}
"#,
        section.agreements_max, section.control_numbers, section.enforce_control_numbers,
    )
}

fn books(section: &BooksSection) -> String {
    let compression = match section.compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
    };
    let digest = match section.digest {
        FileDigest::Sha256 => "sha256",
        FileDigest::Sm3 => "sm3",
    };
    let encryption = match section.encryption {
        FileEncryption::None => "none",
        FileEncryption::Aes256 => "aes-256",
        FileEncryption::Sm4 => "sm4",
    };
    format!(
        r#"[books]
dir = {dir}                              # statements, archive, orders, reports; see switch/statements.md for the file server
compression = "{compression}"                       # of detail files: "gzip", or "zstd", smaller and twice as fast
digest = "{digest}"                          # of files: "sha256" or "sm3"
encryption = "{encryption}"                        # of detail files: "none", "aes-256" or "sm4", under a key handed out a day ahead
rows_max = {rows_max}                         # rows of one detail file, at most
file_servers = {file_servers:?}                          # host:port of the servers that export dir, as summaries name them; [] = paths alone
threads = {threads}                                # that statements are made with
interest_ppm = {interest_ppm}                        # yearly interest on advances, in millionths
accounting_cut_hour = {accounting_cut_hour}                   # Beijing time: where one accounting day ends and the next begins
hvps_close_hour = {hvps_close_hour}                       # when the large-value system closes
journal_days = {journal_days}                           # messages of archived batches stay in the journal so long; 0 = for ever
"#,
        dir = quoted(&section.dir.to_string_lossy()),
        rows_max = section.rows_max,
        file_servers = section.file_servers,
        threads = section.threads,
        interest_ppm = section.interest_ppm,
        accounting_cut_hour = section.accounting_cut_hour,
        hvps_close_hour = section.hvps_close_hour,
        journal_days = section.journal_days,
    )
}

/// Most nodes have no table of routes.
const ROUTES: &str = "[routes]\n# file = \"routes.toml\"                    # over which channels legs go; without it every leg goes to its bank itself\n";

fn checkpoint(section: &CheckpointSection) -> String {
    format!(
        "[checkpoint]\ninterval_s = {}\ntail_bytes_max = {}             # journal bytes that a restart replays at most, about\n",
        section.interval_s, section.tail_bytes_max
    )
}

fn crypto(section: &CryptoSection) -> String {
    let mut text = String::from(
        "[crypto]\n# suite = \"backend\"; suites not named use the fastest one measured. For instance: ed25519 = \"ring\"\n",
    );
    for (suite, name) in &section.backends {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{suite} = {}", quoted(name));
    }
    text
}

/// `participants.toml`.
pub(super) fn participants_document(options: &Options, institutions: &[Identity], banks: &[Identity]) -> String {
    let mut text = participants_preface();
    let all = institutions
        .iter()
        .map(|identity| (identity, "institution"))
        .chain(banks.iter().map(|identity| (identity, "bank")));
    for (index, (identity, kind)) in all.enumerate() {
        let Identity { id, name, .. } = identity;
        let url = identity.url(options.scheme());
        let _ = write!(
            text,
            "\n[[participant]]\nindex = {index}\nid = \"{id}\"\nkind = \"{kind}\"\nname = \"{name}\"\nurl = \"{url}\"\n"
        );
    }
    text
}

/// What the keys of `participants.toml` mean. Behind "#   " stands what could be written in a `[[participant]]`, behind
/// "#: " a section of its own.
fn participants_preface() -> String {
    let names: Vec<_> = BUSINESSES.iter().map(|row| row.name).collect();
    format!(
        r#"# The participants of the node.
# index: stands for the participant in the journal. Never change it, never give it to another one; leave a gap instead.
# kind: institution or bank. url: where the node posts legs, queries and notices: https, or http where clearway.toml
# allows it. tls_name: the DNS name that its certificate must prove, whatever the address is; left out:
# <id in lower case>.participant.internal. What comes under that certificate is taken from this participant alone.
# Optional: in_flight_max, connections_max, leg1_deadline_ms, leg2_deadline_ms, probe, switch_back (defaults:
# clearway.toml). A participant with several links has no url, and behind its other keys up to 16 of these:
# | [[participant.link]]
# | name = "main"                        # letters, digits, - and _
# | url = "https://..."
# | role = "active"                      # active (one at a time), standby (while no other works) or shared (all at once)
# | weight = 1                           # share of a shared link; the heaviest of several active ones is the first
# | centre = "east"                      # the centre that owns it, for people
# | connections_max, in_flight_max       # of this link alone
#
# Who may send what, and how much. All of it, operations_path aside, can be changed while the node runs, on the admin
# address: POST /participants/ID, /limits, /maintenance. A change made there is journaled and stands, over restarts too,
# until it is changed again or set back to this file with "as_configured". Optional in a [[participant]]:
#   pacing_ms = {pacing_ms}                            # bank: legs for one account are kept so far apart; 0: not at all
#   drained = {drained}                          # takes part in nothing new; what is under way goes on
#   businesses = ["agreement-payment"]       # may ask for these alone; left out: for all
#   rate_per_s = 2000                        # requests a second; left out: no bound
#   rate_burst = 2000                        # requests at once; left out: as many as in one second
#   clearing_bank = "C1..."                  # bank: the bank into which it clears; left out: it clears for itself
#   operations_path = "/uopsSvr"             # takes joint operations every minute, at the host of url; left out: gets none
# Optional in a [[participant]] that is a bank, each left out: no bound. The card_ ones are for each of its cards:
#   limits.per_payment_fen = 5000000
#   limits.day_amount_fen = 100000000000
#   limits.day_count = 10000000
#   limits.card_per_payment_fen = 1000000
#   limits.card_day_amount_fen = 5000000
#   limits.card_day_count = 50
# Sections of their own: the limit of one institution at one bank, and times in which a bank, or without `bank` the
# whole centre, takes nothing new (Beijing time):
#: [[limit]]
#: institution = "Z2..."
#: bank = "C1..."
#: per_payment_fen = 5000000
#: day_amount_fen = 10000000000
#: day_count = 1000000
#: [[maintenance]]
#: bank = "C1..."
#: from = "2026-11-21T01:00:00"
#: until = "2026-11-21T03:00:00"
#: text = "moving to another hall"
#
# Businesses: {names}.
"#,
        pacing_ms = AdmissionRules::default().pacing_ms,
        drained = AdmissionRules::default().drained,
        names = names.join(", "),
    )
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
