//! `clearway-loadgen http`.

use super::Ending;
use super::objective::ObjectiveArguments;
use super::outputs::OutputArguments;
use super::schedule::ScheduleArguments;
use super::valve::ValveArguments;
use super::view::ViewArguments;
use clap::Args;
use clearway_loadgen::live::Display;
use clearway_loadgen::manifest::Manifest;
use clearway_loadgen::run::HttpRequest;
use clearway_loadgen::{Error, Plan, Target};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Http {
    /// http://HOST:PORT/PATH of any HTTP/1.1 server.
    url: String,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    view: ViewArguments,
    #[command(flatten)]
    valve: ValveArguments,
    /// Method. Default: POST with a body, GET without.
    #[arg(long)]
    method: Option<String>,
    /// A header, `NAME: VALUE`; may be given again.
    #[arg(long, value_name = "HEADER")]
    header: Vec<String>,
    /// Send the bytes of this file with every request.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Seed of the schedule.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most connections to the server.
    #[arg(long, default_value_t = clearway_loadgen::constants::CONNECTIONS_MAX)]
    connections: usize,
    /// Core to pin the sending thread to.
    #[arg(long)]
    pin_core: Option<usize>,
    #[command(flatten)]
    objective: ObjectiveArguments,
    #[command(flatten)]
    outputs: OutputArguments,
}

impl Http {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let target: Target = self.url.parse()?;
        let plan = self.schedule.apply(Plan {
            seed: self.seed,
            connections_max: self.connections,
            pin_core: self.pin_core,
            valve: self.valve.valve(),
            ..Plan::default()
        })?;
        let manifest = Manifest::inspect(self.seed, target.url(), None);
        let run = clearway_loadgen::Run::start_bare(&plan, self.request()?, &target)?;
        let drive = |display: &mut Display| run.drive(display);
        let (mut driven, is_stopped) = self.view.watch("clearway-loadgen http", (&plan, &target), drive)?;
        driven.record.manifest = Some(manifest);
        println!("{}", driven.record.report);
        if driven.is_target_down() {
            println!("no answer from {}", target.address());
        }
        self.objective.judge(&mut driven.record);
        self.schedule.save_trace(driven.trace.as_ref())?;
        self.outputs.write(&driven)?;
        Ok(Ending::of(&driven, is_stopped))
    }

    fn request(&self) -> Result<HttpRequest, Error> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|source| Error::File { path: path.clone(), source });
        let body = self.body.as_ref().map(read).transpose()?;
        let usual = if body.is_some() { "POST" } else { "GET" };
        HttpRequest::new(self.method.as_deref().unwrap_or(usual), &self.header, body.unwrap_or_default().into())
    }
}
