//! The proxy as its owner sees it, and the thread on which it runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::connection::Connection;
use super::count::{Counts, Passed};
use super::door::Threshold;
use super::exchange::Chooser;
use super::plan::{Cut, Door, Plan};
use super::state::{State, lock};
use crate::port::HeldPort;

/// A running proxy. Dropping it ends its connections and its thread.
#[derive(Debug)]
pub struct FaultProxy {
    port: HeldPort,
    state: Arc<State>,
    doors: Option<UnboundedSender<(Door, SyncSender<()>)>>,
    thread: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// Starts one before `upstream`, on a port that the system chose. It lets everything through until it is told otherwise.
    ///
    /// # Panics
    /// If the machine gives no port or no thread.
    #[must_use]
    pub fn before(upstream: SocketAddr) -> Self {
        let port = HeldPort::take().expect("a port");
        let state = Arc::new(State::new(upstream));
        let (doors, requests) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (address, serving) = (port.address(), Arc::clone(&state));
        let thread = std::thread::Builder::new()
            .name("fault-proxy".into())
            .spawn(move || serve(&runtime, address, serving, requests))
            .expect("a thread");
        let proxy = Self { port, state, doors: Some(doors), thread: Some(thread) };
        proxy.set_door(Door::Open);
        proxy
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.port.address()
    }

    /// Plans of the next connections, in their order; after them comes the standing plan.
    pub fn queue(&self, plans: impl IntoIterator<Item = Plan>) {
        lock(&self.state.script).queue.extend(plans);
    }

    /// Plans of next connections that no connection has had yet.
    #[must_use]
    pub fn queued(&self) -> usize {
        lock(&self.state.script).queue.len()
    }

    /// The plan of every further connection; those that are open keep theirs.
    pub fn set_plan(&self, plan: Plan) {
        lock(&self.state.script).standing = plan;
    }

    /// Further connections are looked at as exchanges, and `chooser` says what becomes of each; of their plans only the opening counts.
    pub fn set_chooser(&self, chooser: Chooser) {
        lock(&self.state.script).chooser = Some(chooser);
    }

    /// What somebody finds who connects. In force when this returns.
    ///
    /// # Panics
    /// If the port cannot be listened on again.
    pub fn set_door(&self, door: Door) {
        let (done, is_done) = sync_channel(1);
        let doors = self.doors.as_ref().expect("it runs");
        doors.send((door, done)).expect("the proxy's thread runs");
        is_done.recv().expect("the proxy can listen");
    }

    /// Ends, or silences, every connection that is open now.
    pub fn strike(&self, cut: Cut) {
        self.state.strike(cut);
    }

    /// Not one byte moves any more, in either direction; none is lost.
    pub fn freeze(&self) {
        self.state.frozen.send_replace(true);
    }

    /// Whether everything stands still.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        *self.state.frozen.borrow()
    }

    /// What stood still goes on.
    pub fn thaw(&self) {
        self.state.frozen.send_replace(false);
    }

    /// The line dies as a cut cable does: what is under way stands still, and nobody answers a SYN.
    pub fn unplug(&self) {
        self.freeze();
        self.set_door(Door::Hung);
    }

    /// The line dies as a host does that is shut down: every connection is reset, and new ones are refused.
    pub fn shut_down(&self) {
        self.set_door(Door::Refused);
        self.strike(Cut::Reset);
    }

    /// The line works again, for new connections and, after [`unplug`](Self::unplug), for those that stood still.
    pub fn repair(&self) {
        self.set_door(Door::Open);
        self.thaw();
    }

    /// Numbers of the connections that are held, in the order in which they came; numbers count accepted connections from 0.
    #[must_use]
    pub fn held(&self) -> Vec<usize> {
        self.state.held()
    }

    /// Lets one that is held go on. Whether there was such a one.
    pub fn release(&self, number: usize) -> bool {
        self.state.release(number)
    }

    /// What was let through, by connection.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        self.state.passed()
    }

    /// What was let through in all.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.passed())
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.doors = None;
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed by then; dropping must not panic again.
            let _ = thread.join();
        }
    }
}

fn serve(
    runtime: &Runtime,
    address: SocketAddr,
    state: Arc<State>,
    mut requests: UnboundedReceiver<(Door, SyncSender<()>)>,
) {
    runtime.block_on(async move {
        let mut threshold = Threshold::Refused;
        loop {
            tokio::select! {
                biased;
                request = requests.recv() => {
                    let Some((door, done)) = request else { break };
                    // The old one is gone before there is a new one: they would share the connections.
                    drop(std::mem::replace(&mut threshold, Threshold::Refused));
                    match Threshold::new(door, address) {
                        Ok(opened) => threshold = opened,
                        Err(error) => return eprintln!("the proxy cannot listen on {address}: {error}"),
                    }
                    // The owner may have gone.
                    let _ = done.send(());
                }
                accepted = threshold.accept() => {
                    if let Ok(near) = accepted {
                        tokio::spawn(Connection::serve(Arc::clone(&state), near));
                    }
                }
            }
        }
    });
}
