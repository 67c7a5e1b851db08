#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]
