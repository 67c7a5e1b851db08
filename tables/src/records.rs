//! The kinds of tables: their columns, and the way from a row to a value and back.

mod cases;
mod devices;
mod drones;
mod people;
