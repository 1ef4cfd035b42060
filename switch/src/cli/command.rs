//! The command line as data.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clearway_codec::value::{BeijingTime, TrxId, ValueError};
use clearway_crypto::Suite;
use clearway_crypto::envelope::EnvelopeAlgorithm;

use super::books::BooksCommand;
use super::door::CertificateArguments;
use super::operator::{
    HistoryArguments, KeysCommand, LimitsCommand, LinksCommand, MaintenanceCommand, ParticipantsCommand, RouteCommand,
    RoutesCommand,
};

/// An open payment message switch.
#[derive(Debug, Parser)]
#[command(name = "clearway", version, about, after_help = super::EXIT_CODES_HELP)]
pub(super) struct CommandLine {
    /// What to log to stderr: error, warn, info, debug, trace, or a filter such as `info,clearway::journal=debug`.
    #[arg(long, global = true, value_name = "FILTER", default_value = "info")]
    pub(super) log: String,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a complete configuration with made-up participants and new keys.
    Init(InitArguments),
    /// Run a node until SIGTERM or SIGINT, then drain it.
    Serve(ServeArguments),
    /// Load a configuration, check everything in it, and say what is wrong.
    Check(ServeArguments),
    /// Rebuild one payment from the journal: every message, its signature verified again, the time between steps.
    Trace(TraceArguments),
    /// Look at a journal.
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Import and look at agreements: through the node if it runs, else in its files.
    #[command(subcommand)]
    Agreements(AgreementsCommand),
    /// Look at what participants may do, and change it, on a node that runs.
    #[command(subcommand)]
    Participants(ParticipantsCommand),
    /// Look at limits and change them, on a node that runs.
    #[command(subcommand)]
    Limits(LimitsCommand),
    /// Look at maintenance windows, announce one and take it back, on a node that runs.
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Look at the links of participants, drain them and switch between them, on a node that runs.
    #[command(subcommand)]
    Links(LinksCommand),
    /// Look at the table of routes and its channels, and change it, on a node that runs.
    #[command(subcommand)]
    Routes(RoutesCommand),
    /// Ask about one leg.
    #[command(subcommand)]
    Route(RouteCommand),
    /// Have a node that runs read keys and certificates again.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// The books: batches, positions, statements, orders, day-end.
    #[command(subcommand)]
    Books(BooksCommand),
    /// Who changed what and when on a node that runs, newest first.
    History(HistoryArguments),
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The folder to fill.
    pub(super) dir: PathBuf,
    /// Payment institutions.
    #[arg(long, default_value_t = 4)]
    pub(super) institutions: usize,
    /// Banks.
    #[arg(long, default_value_t = 6)]
    pub(super) banks: usize,
    /// Suite of all signature keys: rsa-2048-sha256, sm2-sm3, ecdsa-p256-sha256 or ed25519.
    #[arg(long, default_value_t = Suite::EcdsaP256Sha256)]
    pub(super) suite: Suite,
    /// Suites of the institutions' signature keys, in turn, in place of --suite; the node verifies each by its own.
    #[arg(long, value_name = "SUITE,...", value_delimiter = ',')]
    pub(super) institution_suites: Vec<Suite>,
    /// Algorithm of all encryption keys: rsa-aes256 or sm2-sm4 (the default with the suite sm2-sm3).
    #[arg(long)]
    pub(super) envelope: Option<EnvelopeAlgorithm>,
    /// Plain HTTP everywhere and no certificates; left out: mutual TLS everywhere, with certificates of a new test CA.
    #[arg(long)]
    pub(super) plain_http: bool,
    /// Where the node listens.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) listen: Option<SocketAddr>,
    /// Where the node's admin server listens.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) admin: Option<SocketAddr>,
    /// Replace configuration and keys that are there. A journal is never touched, but messages signed with replaced
    /// keys can no longer be verified.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct TraceArguments {
    /// The transaction id, 31 digits.
    #[arg(value_parser = trx_id)]
    pub(super) trx_id: TrxId,
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Print the whole messages, nothing masked: for evidence. Handle the output as what it is.
    #[arg(long)]
    pub(super) evidence: bool,
}

fn beijing_time(text: &str) -> Result<BeijingTime, ValueError> {
    BeijingTime::parse(text.as_bytes())
}

fn trx_id(text: &str) -> Result<TrxId, ValueError> {
    TrxId::parse(text.as_bytes())
}

#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Walk the whole journal: checksums, records, the steps of every payment, and with --config all signatures.
    Verify(VerifyArguments),
    /// List segments, groups, records and the tail.
    Inspect(InspectArguments),
    /// Write when institutions began what, as a trace that `clearway-loadgen run --replay` plays: times and businesses, no
    /// ids.
    Arrivals(ArrivalsArguments),
}

#[derive(Debug, Args)]
pub(super) struct ArrivalsArguments {
    /// The journal's folder.
    pub(super) dir: PathBuf,
    /// The CSV file to write: offset_us,kind.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Leave out what came before this time in Beijing, such as 2026-11-20T10:00:00.
    #[arg(long, value_name = "TIME", value_parser = beijing_time)]
    pub(super) from: Option<BeijingTime>,
    /// Leave out what came at this time in Beijing or later.
    #[arg(long, value_name = "TIME", value_parser = beijing_time)]
    pub(super) until: Option<BeijingTime>,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// The journal's folder.
    pub(super) dir: PathBuf,
    /// Also verify every signature with the keys of this clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// The journal's folder.
    pub(super) dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AgreementsCommand {
    /// Import existing agreements from a file, line by line; may be run twice. Exit code 1 when lines were rejected.
    Import(ImportArguments),
    /// How many agreements there are, and those on which an end has not acknowledged. Exit code 1 when there are such.
    Report(ReportArguments),
    /// At which banks a customer or a card still needs to be signed.
    Needed(NeededArguments),
    /// Show one agreement or mandate, by its number or its old one.
    Show(ShowArguments),
    /// Which way a customer's payment takes during the cut-over from direct channels, by a file of rules, and why.
    Way(WayArguments),
}

#[derive(Debug, Args)]
pub(super) struct WayArguments {
    /// The rules of the cut-over.
    #[arg(long, value_name = "FILE")]
    pub(super) rules: PathBuf,
    /// The institution's id.
    #[arg(long)]
    pub(super) institution: String,
    /// The id of the account's bank.
    #[arg(long)]
    pub(super) bank: String,
    /// The customer's identity, or `#` and its digest. Other users of the machine can see arguments: prefer the digest.
    #[arg(long)]
    pub(super) customer: String,
    /// The customer was never served on the direct channel.
    #[arg(long)]
    pub(super) new: bool,
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The file: number,old number,institution,bank,account,customer,merchants,starts,ends.
    pub(super) file: PathBuf,
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    /// Where rejected lines are written, each under its reason; mended, they may be imported.
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
    /// Who imports, for the log of the node.
    #[arg(long, default_value = "clearway agreements import")]
    pub(super) by: String,
    #[command(flatten)]
    pub(super) certificates: CertificateArguments,
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) certificates: CertificateArguments,
}

#[derive(Debug, Args)]
pub(super) struct NeededArguments {
    /// The customer's identity, or `#` and its digest. Other users of the machine can see arguments: prefer the digest.
    #[arg(long)]
    pub(super) customer: Option<String>,
    /// The account number, or `#` and its digest.
    #[arg(long)]
    pub(super) account: Option<String>,
    /// The institution's id.
    #[arg(long)]
    pub(super) institution: String,
    /// A bank's id; may be given several times.
    #[arg(long, required = true)]
    pub(super) bank: Vec<String>,
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) certificates: CertificateArguments,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The number.
    pub(super) number: String,
    /// The node's clearway.toml.
    #[arg(long, value_name = "FILE")]
    pub(super) config: PathBuf,
    #[command(flatten)]
    pub(super) certificates: CertificateArguments,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_commands_of_the_manual_parse_and_others_do_not() {
        let parse = |line: &str| CommandLine::try_parse_from(line.split(' '));
        for line in [
            "clearway init DIR --institutions 4 --banks 6",
            "clearway init DIR --suite sm2-sm3 --listen 127.0.0.1:0 --admin 127.0.0.1:0 --force",
            "clearway init DIR --institution-suites ecdsa-p256-sha256,sm2-sm3",
            "clearway serve --config DIR/clearway.toml",
            "clearway check --config DIR/clearway.toml",
            "clearway trace 2026112021090766339761990770101 --config F --json --evidence",
            "clearway journal verify DIR --config F",
            "clearway journal inspect DIR --json --log debug",
            "clearway journal arrivals DIR --out FILE --from 2026-11-20T10:00:00 --until 2026-11-20T11:00:00",
            "clearway agreements import FILE --config F --rejects R --by li",
            "clearway agreements report --config F",
            "clearway agreements needed --customer #1 --institution Z --bank C1 --bank C2 --config F",
            "clearway agreements show EP1 --config F",
            "clearway participants list --config F --json",
            "clearway participants set C1 --businesses refund,payout --rate-per-s none --drained true --config F",
            "clearway participants set C1 --as-configured --node 10.1.2.3:9209 --by li",
            "clearway limits list --node [::1]:9209",
            "clearway limits set --layer bank --bank C1 --day-amount-fen 5 --day-count none --config F",
            "clearway maintenance list --config F",
            "clearway maintenance announce --centre --from T --until T --config F",
            "clearway maintenance cancel 1001 --config F",
            "clearway links list --config F",
            "clearway links drain C1 main --config F --by li",
            "clearway links switch C1 disaster --node 10.1.2.3:9209",
            "clearway links switch-back C1 --config F",
            "clearway keys reload --config F --by li",
            "clearway keys reload --node 10.1.2.3:9209 --certificate C --key K --ca A --name N",
            "clearway agreements report --config F --certificate C --key K",
            "clearway history --config F --area links --last 5",
            "clearway routes show --config F",
            "clearway routes load R --by li --config F",
            "clearway routes load --cutover R --by li --config F",
            "clearway routes load --disable C1:2 --by li --node 127.0.0.1:1",
            "clearway routes load --as-configured --config F",
            "clearway routes history --config F",
            "clearway routes digest --config F",
            "clearway route why 2026112021090766339761990770101 --config F",
            "clearway route why institution=Z,bank=C,amount=1.00,card=#00000000000000ff --config F",
            "clearway books status --config F --json",
            "clearway books seal B202611200011 --config F --by li",
            "clearway books agree B202611200011 C1 --by li --config F",
            "clearway books reserve --config F",
            "clearway books day --config F",
            "clearway books day 20261120 --config F --json",
            "clearway books cases list --all --config F",
            "clearway books cases show 00000000000001 --config F",
            "clearway books cases close 00000000000001 --note done --by li --config F",
            "clearway books recompute B202611200011 --config F --memory 512 --json",
            "clearway books archive D202611200011 --config F --out DIR",
            "clearway books statements B202611200011 --config F --out DIR --json",
            "clearway books decrypt F.txt.gz.enc --key K --private-key P --out O",
            "clearway agreements way --rules R --institution Z --bank C --customer #1 --new --config F",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
        }
        for line in [
            "clearway",
            "clearway serve",
            "clearway trace --config F",
            "clearway trace 12 --config F",
            "clearway init DIR --suite md5",
            "clearway journal",
            "clearway init DIR --banks many",
            "clearway agreements needed --institution Z --config F",
            "clearway routes load --config F",
            "clearway routes load R --as-configured --config F",
            "clearway participants list",
            "clearway history --config F --certificate C",
            "clearway limits list --config F --node N",
            "clearway links drain C1 --config F",
            "clearway links switch-back C1 main --config F",
            "clearway limits set --layer row --bank C1 --config F",
            "clearway maintenance announce --from T --until T --config F",
            "clearway books recompute X202611200011 --config F",
            "clearway books agree B202611200011 --config F",
            "clearway books day yesterday --config F",
            "clearway books cases close 00000000000001 --config F",
            "clearway books recompute B202611200011 --config F --memory 0",
            "clearway books archive B202611200011 --config F",
            "clearway books statements --config F",
            "clearway books decrypt F --key K",
            "clearway maintenance announce --centre --bank C1 --from T --until T --config F",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
