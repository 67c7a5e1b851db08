//! Sampling rounds as a whole: freezing, drawing, exporting, verifying, reporting.

// Helpers are test code as well as the tests themselves: clippy goes by this attribute.
#![cfg(test)]

mod fairness;
mod freezing;
mod quotas;
mod returns;
mod support;
mod verifying;
mod worked_example;
