//! One connection from its first moment to its end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::net::tcp::ReadHalf;
use tokio::sync::watch;

use super::count::Counters;
use super::exchange::{Chooser, Exchange};
use super::flow::{Ended, Stream};
use super::plan::{Course, Cut, Opening, Plan};
use super::state::State;

/// One accepted connection.
pub(super) struct Connection {
    state: Arc<State>,
    number: usize,
    counters: Arc<Counters>,
    strikes: watch::Receiver<(u64, Cut)>,
}

impl Connection {
    /// Does to `near`, the node's side, what the script says.
    pub(super) async fn serve(state: Arc<State>, near: TcpStream) {
        let strikes = state.strikes.subscribe();
        let (number, counters, plan, chooser) = state.begin();
        let mut connection = Self { state, number, counters, strikes };
        let (mut near, mut far) = (near, None);
        let cut = connection.live(&mut near, &mut far, &plan, chooser).await;
        if let Some(cut) = cut {
            connection.counters.cut.store(true, Ordering::Relaxed);
            hang_up(near, cut);
            if let Some(far) = far {
                hang_up(far, cut);
            }
        }
        connection.counters.ended.store(true, Ordering::Relaxed);
    }

    /// The cut that ended it, if it was one.
    async fn live(
        &mut self,
        near: &mut TcpStream,
        far: &mut Option<TcpStream>,
        plan: &Plan,
        chooser: Option<Chooser>,
    ) -> Option<Cut> {
        let mut strikes = self.strikes.clone();
        let struck = tokio::select! {
            ended = self.follow(near, far, plan, chooser) => match ended {
                Ok(Ended::Sender) => return None,
                Ok(Ended::Cut(cut)) => return Some(cut),
                // A side that breaks ends both, as a host on the way would.
                Err(_) => return Some(Cut::Reset),
            },
            struck = strikes.changed() => struck,
        };
        let cut = strikes.borrow_and_update().1;
        if struck.is_ok() && cut == Cut::Silence {
            // Open and dead until it is struck again, or the proxy ends.
            while strikes.changed().await.is_ok() && strikes.borrow_and_update().1 == Cut::Silence {}
        }
        Some(strikes.borrow().1)
    }

    async fn follow(
        &self,
        near: &mut TcpStream,
        far: &mut Option<TcpStream>,
        plan: &Plan,
        chooser: Option<Chooser>,
    ) -> io::Result<Ended> {
        match plan.opening {
            Opening::Through => {}
            Opening::Deaf => std::future::pending().await,
            Opening::Cut(cut) => return Ok(Ended::Cut(cut)),
            Opening::Held => {
                // An error means that the proxy ends.
                let _ = self.state.hold(self.number).await;
            }
        }
        let mut frozen = self.state.frozen.subscribe();
        let _ = frozen.wait_for(|frozen| !frozen).await;
        near.set_nodelay(true)?;
        let far = far.insert(TcpStream::connect(self.state.upstream).await?);
        far.set_nodelay(true)?;
        match chooser {
            Some(chooser) => self.exchange(near, far, &chooser).await,
            None => self.relay(near, far, &plan.course).await,
        }
    }

    /// Bytes both ways. It ends when both directions have ended, or the plan ends one.
    async fn relay(&self, near: &mut TcpStream, far: &mut TcpStream, course: &Course) -> io::Result<Ended> {
        let ((mut near_read, mut near_write), (mut far_read, mut far_write)) = (near.split(), far.split());
        let request = self.request(&course.request).relay(&mut near_read, &mut far_write);
        let answer = self.answer(&course.answer).relay(&mut far_read, &mut near_write);
        tokio::pin!(request, answer);
        let (first, other_is_answer) = tokio::select! {
            ended = &mut request => (ended?, true),
            ended = &mut answer => (ended?, false),
        };
        if first != Ended::Sender {
            return Ok(first);
        }
        if other_is_answer { answer.await } else { request.await }
    }

    /// Exchange after exchange, each under the course that is chosen for it.
    async fn exchange(&self, near: &mut TcpStream, far: &mut TcpStream, chooser: &Chooser) -> io::Result<Ended> {
        let ((mut near_read, mut near_write), (mut far_read, mut far_write)) = (near.split(), far.split());
        let (mut near_buffer, mut far_buffer) = (Vec::new(), Vec::new());
        while let Some(request) = Exchange::read(&mut near_read, &mut near_buffer).await? {
            let course = chooser(&request);
            if let Some(cut) = self.request(&course.request).send(request.bytes(), &mut far_write).await? {
                return self.cut_short(cut, &mut near_read).await;
            }
            let Some(answer) = Exchange::read(&mut far_read, &mut far_buffer).await? else { break };
            if let Some(cut) = self.answer(&course.answer).send(answer.bytes(), &mut near_write).await? {
                return self.cut_short(cut, &mut near_read).await;
            }
        }
        Ok(Ended::Sender)
    }

    /// Ends an exchange; a silent one lasts until the node gives up.
    async fn cut_short(&self, cut: Cut, near: &mut ReadHalf<'_>) -> io::Result<Ended> {
        if cut == Cut::Silence {
            let mut rest = Vec::new();
            while Exchange::read(near, &mut rest).await?.is_some() {}
        }
        Ok(Ended::Cut(cut))
    }

    fn request<'a>(&'a self, flow: &'a super::Flow) -> Stream<'a> {
        Stream::new(flow, &self.counters.request, self.state.frozen.subscribe())
    }

    fn answer<'a>(&'a self, flow: &'a super::Flow) -> Stream<'a> {
        Stream::new(flow, &self.counters.answer, self.state.frozen.subscribe())
    }
}

/// Closes or resets one side.
fn hang_up(stream: TcpStream, cut: Cut) {
    if cut == Cut::Reset {
        // If it fails, the connection is gone already.
        let _ = socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    } else {
        // A socket that is closed with bytes unread resets its connection.
        while let Ok(1..) = stream.try_read(&mut [0; 4 * 1024]) {}
    }
    drop(stream);
}
