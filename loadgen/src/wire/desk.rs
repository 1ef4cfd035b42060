//! Where a thread's signature work is done, in bursts where the backend gains from them.
//!
//! ```text
//! task --verify--> .        one lane:    done at once, on the spot
//! task --verify--> | desk   more lanes:  wait for one turn of the runtime, then all that came together in one call
//! task --sign----> '
//! ```
//!
//! Invariant: nobody waits for a burst to fill. A job waits for the tasks that are ready now and for no one else.

use super::write::Draft;
use crate::constants::DESK_BURST_MAX;
use crate::error::Error;
use crate::random::Draws;
use bytes::Bytes;
use clearway_crypto::{Backends, SignJob, Signature, SigningKey, Suite, VerifyJob, VerifyingKey};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

struct Verification {
    key: VerifyingKey,
    message: Bytes,
    signature: Vec<u8>,
    reply: oneshot::Sender<bool>,
}

struct Signing {
    key: Arc<SigningKey>,
    draft: Draft,
    reply: oneshot::Sender<Bytes>,
}

/// Which of the signatures that arrive are checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VerifyShare {
    /// 0 to 1.
    pub(crate) share: f64,
    /// Draws them.
    pub(crate) seed: u64,
}

impl VerifyShare {
    /// Every one.
    pub(crate) const ALL: Self = Self { share: 1.0, seed: 0 };

    fn draws(self, number: u64) -> bool {
        self.share >= 1.0 || Draws::new(self.seed, number).chance(self.share)
    }
}

/// One thread's signature desk.
pub(crate) struct Desk {
    backends: Backends,
    share: VerifyShare,
    /// Signatures that were to be checked so far.
    asked: Cell<u64>,
    in_bursts: bool,
    verifications: RefCell<Vec<Verification>>,
    signings: RefCell<Vec<Signing>>,
    work: Notify,
}

impl Desk {
    /// A desk for one suite; on a runtime thread, since a bursting desk runs a task of its own there.
    pub(crate) fn open(suite: Suite, share: VerifyShare) -> Rc<Self> {
        let backends = Backends::default();
        let desk = Rc::new(Self {
            backends,
            share,
            asked: Cell::new(0),
            in_bursts: backends.lanes(suite) > 1,
            verifications: RefCell::default(),
            signings: RefCell::default(),
            work: Notify::new(),
        });
        if desk.in_bursts {
            tokio::task::spawn_local(Rc::clone(&desk).serve());
        }
        desk
    }

    pub(crate) const fn backends(&self) -> &Backends {
        &self.backends
    }

    /// Whether `signature` is the key's over `message`, or is not among those that are checked.
    pub(crate) async fn verify(&self, key: &VerifyingKey, message: &Bytes, signature: &[u8]) -> bool {
        let number = self.asked.replace(self.asked.get() + 1);
        if !self.share.draws(number) {
            return true;
        }
        if !self.in_bursts {
            return self.backends.verify(&VerifyJob { key, message, signature });
        }
        let (reply, outcome) = oneshot::channel();
        let job = Verification { key: key.clone(), message: message.clone(), signature: signature.to_vec(), reply };
        self.verifications.borrow_mut().push(job);
        self.work.notify_one();
        outcome.await.unwrap_or(false)
    }

    /// The draft as a whole message, with the key's signature.
    pub(crate) async fn seal(&self, key: &Arc<SigningKey>, draft: Draft) -> Result<Bytes, Error> {
        if !self.in_bursts {
            let signature = self.backends.sign(&SignJob { key, message: draft.signed() });
            return signature
                .map(|signature| draft.seal(signature.as_bytes()))
                .map_err(|error| Error::Sign(error.to_string()));
        }
        let (reply, outcome) = oneshot::channel();
        self.signings.borrow_mut().push(Signing { key: Arc::clone(key), draft, reply });
        self.work.notify_one();
        outcome.await.map_err(|_| Error::Sign("the backend refused the burst".into()))
    }

    async fn serve(self: Rc<Self>) {
        loop {
            self.work.notified().await;
            // One turn: every task that is ready now lays its job on the desk first.
            tokio::task::yield_now().await;
            let verifications = self.verifications.take();
            let signings = self.signings.take();
            self.verify_all(verifications);
            self.sign_all(signings);
        }
    }

    fn verify_all(&self, mut orders: Vec<Verification>) {
        while !orders.is_empty() {
            let burst: Vec<_> = orders.drain(..orders.len().min(DESK_BURST_MAX)).collect();
            let jobs: Vec<_> = burst
                .iter()
                .map(|order| VerifyJob { key: &order.key, message: &order.message, signature: &order.signature })
                .collect();
            let mut valid = [false; DESK_BURST_MAX];
            self.backends.verify_batch(&jobs, &mut valid[..jobs.len()]);
            for (order, valid) in burst.into_iter().zip(valid) {
                // Fails when the asker has gone away; nobody is left to tell.
                let _ = order.reply.send(valid);
            }
        }
    }

    fn sign_all(&self, mut orders: Vec<Signing>) {
        while !orders.is_empty() {
            let burst: Vec<_> = orders.drain(..orders.len().min(DESK_BURST_MAX)).collect();
            let jobs: Vec<_> =
                burst.iter().map(|order| SignJob { key: &order.key, message: order.draft.signed() }).collect();
            let mut signatures = [Signature::default(); DESK_BURST_MAX];
            if self.backends.sign_batch(&jobs, &mut signatures[..jobs.len()]).is_err() {
                // Dropped senders tell the askers.
                continue;
            }
            for (order, signature) in burst.into_iter().zip(signatures) {
                let _ = order.reply.send(order.draft.seal(signature.as_bytes()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::local_runtime;

    /// What of a thousand bad signatures was noticed.
    fn noticed(share: f64, seed: u64) -> Vec<usize> {
        let key = SigningKey::generate(Suite::Ed25519).unwrap();
        let message = Bytes::from_static(b"message");
        let work = async move {
            let desk = Desk::open(Suite::Ed25519, VerifyShare { share, seed });
            let mut noticed = Vec::new();
            for number in 0..1_000 {
                if !desk.verify(key.verifying_key(), &message, &[0; 64]).await {
                    noticed.push(number);
                }
            }
            noticed
        };
        let runtime = local_runtime().unwrap();
        runtime.block_on(runtime.spawn_local(work)).unwrap()
    }

    #[test]
    fn as_many_signatures_are_checked_as_was_asked() {
        for (share, least, most) in [(1.0, 1_000, 1_000), (0.0, 0, 0), (0.25, 200, 300), (1.0 / 16.0, 35, 90)] {
            let count = noticed(share, 7).len();
            assert!((least..=most).contains(&count), "share {share}: {count}");
        }
        assert_eq!(noticed(0.25, 7), noticed(0.25, 7), "the seed draws them");
        assert_ne!(noticed(0.25, 7), noticed(0.25, 8));
    }
}
