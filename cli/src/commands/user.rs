//! `reelproof user`: accounts, kept by whoever has the catalog's file; the way back in where the last
//! administrator is lost.

use std::process::ExitCode;

use api::accounts::password::Hasher;
use api::accounts::secret::random_password;
use api::accounts::{self, AccountError, By, Wish};
use catalog::account::User;
use catalog::store::{Catalog, OpenMode, UserChange};
use serde::Serialize;

use crate::args::user::UserCommand;
use crate::context::Context;
use crate::failure::Failure;
use crate::show::user as show;

/// An account with the password that was made up for it.
#[derive(Serialize)]
struct WithPassword {
    user: User,
    password: String,
}

#[derive(Serialize)]
struct List {
    users: Vec<User>,
}

pub(crate) async fn run(context: &Context, command: UserCommand) -> Result<ExitCode, Failure> {
    let catalog = context.catalog(OpenMode::Existing).await?;
    let (catalog, now, by) = (catalog.as_ref(), context.clock.now(), By::command_line());
    match command {
        UserCommand::Add(args) => {
            let (login, name) = (args.login, args.name);
            let wish = Wish { login, name, role: args.role, unit: args.unit, badge: args.badge };
            let password = made_up()?;
            let user = accounts::add(catalog, &Hasher::default(), wish, &password, false, &by, now).await?;
            let made = WithPassword { user, password };
            context.print(&made, || show::with_password(context.lang, &made.user, &made.password))?;
        }
        UserCommand::List => {
            let list = List { users: catalog.users().await? };
            context.print(&list, || show::list(context.lang, &list.users))?;
        }
        UserCommand::Reset(args) => {
            let user = of_login(catalog, &args.login).await?;
            let password = made_up()?;
            accounts::set_password(catalog, &Hasher::default(), &user, &password, &by, now).await?;
            let made = WithPassword { user, password };
            context.print(&made, || show::with_password(context.lang, &made.user, &made.password))?;
        }
        UserCommand::Disable(args) => set_closed(context, catalog, &args.login, true).await?,
        UserCommand::Enable(args) => set_closed(context, catalog, &args.login, false).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn made_up() -> Result<String, Failure> {
    random_password().map_err(|error| Failure::Ours(anyhow::anyhow!("no randomness: {error}")))
}

async fn of_login(catalog: &dyn Catalog, login: &str) -> Result<User, Failure> {
    let users = catalog.users().await?;
    let found = users.into_iter().find(|user| user.login == login);
    found.ok_or_else(|| {
        Failure::input(format!("there is no account {login}: `reelproof user list` shows all"))
    })
}

async fn set_closed(
    context: &Context,
    catalog: &dyn Catalog,
    login: &str,
    closed: bool,
) -> Result<(), Failure> {
    let now = context.clock.now();
    let User { id, name, role, unit, badge, .. } = of_login(catalog, login).await?;
    let change = UserChange { id, name, role, unit, badge, disabled_at: closed.then_some(now) };
    let user = accounts::change(catalog, change, &By::command_line(), now).await?;
    context.print(&user, || show::list(context.lang, std::slice::from_ref(&user)))
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Machine(_) => Self::Ours(error.into()),
            other => Self::Input(other.into()),
        }
    }
}
