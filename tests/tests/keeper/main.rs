//! The keeper over books of its own on a real disk, stopped at every step: whatever is interrupted, in the end there are the same
//! bytes, every order has moved its money once, and no file is half there.

mod bank;
mod child;
mod crash;
mod desk;
mod life;
mod payments;
