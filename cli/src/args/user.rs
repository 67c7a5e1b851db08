//! Arguments of `reelproof user`.

use catalog::account::Role;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum UserCommand {
    /// Make an account; its password is made up and shown once
    Add(AddArgs),
    /// Show all accounts
    List,
    /// Give an account a new password, shown once; its sessions end, and it can sign in again at once
    Reset(LoginArgs),
    /// Close an account; it stays on record
    Disable(LoginArgs),
    /// Open a closed account again
    Enable(LoginArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddArgs {
    /// What the person signs in with: lower-case letters, digits, `.`, `-`, `_`
    #[arg(value_name = "LOGIN")]
    pub login: String,

    /// Name as people write it
    #[arg(long, value_name = "NAME")]
    pub name: String,

    /// administrator, supervisor, case_review, duty_office, squad or auditor
    #[arg(long, value_name = "ROLE")]
    pub role: Role,

    /// Code of the unit whose subtree the person sees; all units if not given (a squad needs one)
    #[arg(long, value_name = "CODE")]
    pub unit: Option<String>,

    /// Badge of the officer that the person is; judging needs one
    #[arg(long, value_name = "BADGE")]
    pub badge: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoginArgs {
    /// The account
    #[arg(value_name = "LOGIN")]
    pub login: String,
}
