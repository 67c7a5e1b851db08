//! The audit from outside: for each finding one broken month and its near misses, an oracle that
//! counts second by second, and the same bytes whatever the order and the number of threads.
#![cfg(test)]

mod certain;
mod custody;
mod findings;
mod heard;
mod incremental;
mod looked;
mod media_findings;
mod month;
mod oracle;
mod random_month;
mod same_bytes;
mod seen;
mod shape;
