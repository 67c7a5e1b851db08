//! Review by people: assigning, judging, appealing, agreeing.
#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

mod agreeing;
mod assigning;
mod judging;
mod support;
