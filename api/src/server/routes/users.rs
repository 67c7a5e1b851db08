//! Accounts, as an administrator keeps them, and the access trail.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use catalog::account::{Role, TrailLine, User, UserId};
use catalog::store::{TrailQuery, TrailSort, UserChange};
use serde::{Deserialize, Deserializer, Serialize};

use crate::accounts::secret::random_password;
use crate::accounts::{self, Wish};
use crate::server::App;
use crate::server::body::{Form, Nothing};
use crate::server::paging::{Asked, Key, Named};
use crate::server::params::Params;
use crate::server::problem::Problem;
use crate::server::rights::Viewer;

/// Accounts.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Users {
    users: Vec<User>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

/// What accounts can be sorted by; their own order is by login.
pub(in crate::server) const SORTS: &[&str] = &["login", "name", "role", "unit", "badge", "created_at"];

fn key(user: &User, column: &str) -> Key {
    match column {
        "name" => user.name.as_str().into(),
        "role" => user.role.as_str().into(),
        "unit" => user.unit.as_deref().into(),
        "badge" => user.badge.as_deref().into(),
        "created_at" => user.created_at.into(),
        _ => user.login.as_str().into(),
    }
}

/// Accounts: of a role, of a unit, disabled or not; a page at a time.
pub(in crate::server) async fn list(State(app): State<App>, uri: Uri) -> Result<Json<Users>, Problem> {
    let params = Params::of(&uri, &["role", "unit", "disabled", "sort", "after", "limit"])?;
    let asked = Asked::of(&params, SORTS, Named::ByText)?;
    let role: Option<Role> = params.code("role", Role::ALL.iter().map(|role| role.as_str()))?;
    let disabled = params.flag("disabled")?;
    let mut users = app.catalog().users().await?;
    users.retain(|user| {
        role.is_none_or(|role| user.role == role)
            && params.text("unit").is_none_or(|unit| user.unit.as_deref() == Some(unit))
            && disabled.is_none_or(|disabled| user.disabled_at.is_some() == disabled)
    });
    let (users, next) = asked.page(users, key, |user| user.login.as_str().into());
    Ok(Json(Users { users, next }))
}

/// An account to be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct NewAccount {
    login: String,
    name: String,
    role: Role,
    unit: Option<String>,
    badge: Option<String>,
    password: String,
}

/// Makes an account.
pub(in crate::server) async fn add(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    Form(form): Form<NewAccount>,
) -> Result<Response, Problem> {
    let NewAccount { login, name, role, unit, badge, password } = form;
    let wish = Wish { login, name, role, unit, badge };
    let (now, by) = (app.state.clock.now(), viewer.by());
    let user = accounts::add(app.catalog(), &app.state.hasher, wish, &password, false, &by, now).await?;
    Ok((StatusCode::CREATED, Json(user)).into_response())
}

/// A field that is left as it is where it is not given, and emptied where it is `null`.
#[derive(Debug, Default)]
enum Given {
    #[default]
    Nothing,
    Empty,
    Text(String),
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(field: D) -> Result<Self, D::Error> {
        Ok(Option::<String>::deserialize(field)?.map_or(Self::Empty, Self::Text))
    }
}

impl Given {
    /// What the field becomes.
    fn or(self, was: Option<&String>) -> Option<String> {
        match self {
            Self::Nothing => was.cloned(),
            Self::Empty => None,
            Self::Text(text) => Some(text),
        }
    }
}

/// What an account is to become; what is not given stays.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::server) struct Change {
    name: Option<String>,
    role: Option<Role>,
    #[serde(default)]
    unit: Given,
    #[serde(default)]
    badge: Given,
    disabled: Option<bool>,
    password: Option<String>,
}

/// Changes an account.
pub(in crate::server) async fn change(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<i64>, PathRejection>,
    Form(form): Form<Change>,
) -> Result<Json<User>, Problem> {
    let Path(id) = id?;
    let (catalog, now, by) = (app.catalog(), app.state.clock.now(), viewer.by());
    let was = accounts::user(catalog, UserId(id)).await?;
    let disabled_at = match form.disabled {
        None => was.disabled_at,
        Some(false) => None,
        Some(true) => was.disabled_at.or(Some(now)),
    };
    let wish = UserChange {
        id: was.id,
        name: form.name.unwrap_or_else(|| was.name.clone()),
        role: form.role.unwrap_or(was.role),
        unit: form.unit.or(was.unit.as_ref()),
        badge: form.badge.or(was.badge.as_ref()),
        disabled_at,
    };
    // First what can be refused without anything having changed.
    if let Some(password) = &form.password {
        accounts::password::check(password, &was.login, &wish.name).map_err(accounts::AccountError::from)?;
    }
    let user = accounts::change(catalog, wish, &by, now).await?;
    if let Some(password) = &form.password {
        accounts::set_password(catalog, &app.state.hasher, &user, password, &by, now).await?;
    }
    Ok(Json(user))
}

/// An account with the password that was made up for it.
#[derive(Debug, Serialize)]
pub(in crate::server) struct WithPassword {
    user: User,
    password: String,
}

/// Gives an account a password that is made up and shown once; all its sessions end.
pub(in crate::server) async fn reset(
    State(app): State<App>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<i64>, PathRejection>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response, Problem> {
    let Path(id) = id?;
    let (catalog, now, by) = (app.catalog(), app.state.clock.now(), viewer.by());
    let user = accounts::user(catalog, UserId(id)).await?;
    let password = random_password().map_err(|error| Problem::internal(&error))?;
    accounts::set_password(catalog, &app.state.hasher, &user, &password, &by, now).await?;
    Ok((StatusCode::CREATED, Json(WithPassword { user, password })).into_response())
}

/// Lines of a page of the trail if nobody says.
const USUAL_LIMIT: u32 = 100;

/// Lines of a page at most.
const MOST_LIMIT: u32 = 500;

/// What lines of the trail can be sorted by; their own order is by number, the latest first.
pub(in crate::server) const TRAIL_SORTS: &[&str] = &["at", "login", "act"];

/// A page of the trail.
#[derive(Debug, Serialize)]
pub(in crate::server) struct Trail {
    lines: Vec<TrailLine>,
    /// What to give as `after` for the next page; `None` on the last.
    next: Option<String>,
}

fn trail_key(line: &TrailLine, column: Option<&str>) -> Key {
    match column {
        Some("login") => line.login.as_str().into(),
        Some("act") => line.act.as_str().into(),
        Some(_) => line.at.into(),
        None => Key::Nothing,
    }
}

/// The access trail, latest first or in another order, a page at a time.
pub(in crate::server) async fn trail(State(app): State<App>, uri: Uri) -> Result<Json<Trail>, Problem> {
    let params = Params::of(&uri, &["sort", "after", "limit", "login", "act"])?;
    let asked = Asked::at_most(&params, TRAIL_SORTS, Named::ByNumber, USUAL_LIMIT, MOST_LIMIT)?;
    let sort = match asked.column {
        Some("login") => TrailSort::Login,
        Some("act") => TrailSort::Act,
        _ => TrailSort::At,
    };
    let mut order = asked.order(sort)?;
    order.backwards |= asked.column.is_none();
    let text = |name| params.text(name).map(str::to_owned);
    let limit = u32::try_from(asked.limit).unwrap_or(MOST_LIMIT).saturating_add(1);
    let query = TrailQuery { order, login: text("login"), act: text("act"), limit };
    let mut lines = app.catalog().trail(&query).await?;
    let more = lines.len() > asked.limit;
    lines.truncate(asked.limit);
    let place = |last: &TrailLine| asked.written(&(trail_key(last, asked.column), Key::Number(last.id)));
    let next = lines.last().filter(|_| more).map(place);
    Ok(Json(Trail { lines, next }))
}
