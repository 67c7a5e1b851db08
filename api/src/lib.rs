//! What people and scripts reach: the operations on the catalog, and the HTTP service over them.

pub mod accounts;
mod background;
pub mod case_file;
pub mod case_lines;
pub mod casework;
pub mod derivatives;
pub mod excuses;
pub mod fixity;
pub mod footage;
pub mod imports;
pub mod judged;
pub mod links;
pub mod log;
pub mod oidc;
pub mod operations;
pub mod reconciliation;
pub mod retention;
pub mod server;
pub mod sight;
