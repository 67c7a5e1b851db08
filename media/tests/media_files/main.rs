//! The media reader against real files and against files made on the spot, with `ffprobe
//! -show_packets` as the oracle for counts and times.
//!
//! Real files come from the folder that `REELPROOF_TEST_MEDIA` names; files are made with the
//! `ffmpeg` command. What is not there is skipped, and said so.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

mod broken;
mod derived;
mod made;
mod real;
mod support;
