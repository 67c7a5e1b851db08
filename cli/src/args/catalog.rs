//! Arguments of `reelproof catalog`.

#[derive(Debug, clap::Subcommand)]
pub(crate) enum CatalogCommand {
    /// Copy a whole catalog, its log with it, into one that nothing was ever written to: all of it or nothing
    Copy(CopyArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CopyArgs {
    /// The catalog to copy: sqlite://FILE or postgres://USER@HOST/DATABASE
    #[arg(value_name = "FROM")]
    pub from: String,

    /// Where to: a new file, or a database that was just made
    #[arg(value_name = "TO")]
    pub to: String,
}
