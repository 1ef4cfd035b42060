//! `clearway-loadgen known-server`.

use super::Ending;
use super::until::wait;
use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::known::{Closing, KnownBehaviour, Stall};
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct KnownServer {
    /// Where to listen; port 0 takes a free one and prints it.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Work that each request is, in microseconds.
    #[arg(long, default_value_t = 0)]
    service_us: u64,
    /// Take requests from one queue by so many servers; without it each is worked on from the moment it is read.
    #[arg(long)]
    servers: Option<usize>,
    /// Stand still for LENGTH at the end of every PERIOD: 1s/10s, 250ms/2s.
    #[arg(long, value_name = "LENGTH/PERIOD")]
    stall: Option<Stall>,
    /// End each connection with its every N-th answer.
    #[arg(long, value_name = "N", group = "closing")]
    close_every: Option<u64>,
    /// End so many connections a second, each with an answer.
    #[arg(long, value_name = "RATE", group = "closing")]
    closes_per_s: Option<u32>,
    /// Break each connection in place of its every N-th answer.
    #[arg(long, value_name = "N", group = "closing")]
    cut_every: Option<u64>,
    /// HTTP status of every answer.
    #[arg(long, default_value_t = 200)]
    status: u16,
    /// Length of every answer's body.
    #[arg(long, default_value_t = 0)]
    answer_bytes: usize,
    /// Stop after this many seconds; serve until SIGINT or SIGTERM without it.
    #[arg(long)]
    seconds: Option<f64>,
    /// Core to pin the serving thread to.
    #[arg(long)]
    pin_core: Option<usize>,
}

impl KnownServer {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let server = clearway_loadgen::known::KnownServer::start(&self.behaviour(), self.listen, self.pin_core)?;
        println!("http://{}/", server.address());
        wait(self.seconds)?;
        println!("{:?}", server.counts());
        let cpu = server.stop()?;
        println!("{:.3} s of CPU time", cpu.as_secs_f64());
        Ok(Ending::Good)
    }

    fn behaviour(&self) -> KnownBehaviour {
        KnownBehaviour {
            service: Duration::from_micros(self.service_us),
            servers: self.servers,
            stall: self.stall,
            closing: self.closing(),
            status: self.status,
            answer_bytes: self.answer_bytes,
        }
    }

    fn closing(&self) -> Option<Closing> {
        let nth = self.close_every.map(Closing::EveryNth);
        nth.or_else(|| self.closes_per_s.map(Closing::PerSecond)).or_else(|| self.cut_every.map(Closing::Cut))
    }
}
