//! The list of addresses: one entry each, from which the router, the gate, the description (OpenAPI) and the tests
//! of rights are all made. An address that is not in it does not exist, and none is in it without a right.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::App;
use super::gate::{self, Post};
use super::rights::Right;

/// What an endpoint takes and gives, for people and for `/api/openapi.json`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About {
    /// What it is for, in English.
    pub(super) en: &'static str,
    /// And in Chinese.
    pub(super) zh: &'static str,
    /// Names of the parameters in the query, with what each is.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// What a list can be sorted by; a list then also takes `after` and `limit`.
    pub(super) sorts: &'static [&'static str],
    /// Name of the schema of the body, or [`FILE`]; `None` where none is taken.
    pub(super) body: Option<&'static str>,
    /// Status and schema of what it answers when all is well; no schema where the answer is no JSON of a fixed form.
    pub(super) answers: &'static [(u16, &'static str)],
    /// Statuses of its problems beyond those that every address can have.
    pub(super) problems: &'static [u16],
    /// How whoever has the answer already is told that it is still the same.
    pub(super) tag: Tag,
    /// Whether the answer holds what is shown once: it is then not kept for whoever asks again.
    pub(super) secret: bool,
    /// Whether it is asked for in many ranges: whoever was let in a moment ago then is let in.
    pub(super) ranges: bool,
}

/// What stands for a body that is a file, of whichever kind.
pub(super) const FILE: &str = "file";

/// What the entity tag of an answer is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tag {
    /// Of the answer itself, which is put together first; of JSON alone.
    #[default]
    Answer,
    /// Of what the answer depends on, all of it: the catalog's revision, the request, and who asks. Nothing else is
    /// read for an answer that is still the same.
    Revision,
}

/// One method of one address.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// The method.
    pub(super) method: Method,
    /// The address, with `{names}` for what varies.
    pub(super) path: &'static str,
    /// What it takes to be let through.
    pub(super) right: Right,
    /// What it is.
    pub(super) about: About,
}

/// The addresses, being collected.
pub(super) struct Endpoints {
    app: App,
    router: Router<App>,
    list: Vec<Endpoint>,
}

impl Endpoints {
    pub(super) fn new(app: App) -> Self {
        Self { app, router: Router::new(), list: Vec::new() }
    }

    /// What is read, with GET (and HEAD).
    pub(super) fn get<H, T>(self, right: Right, path: &'static str, about: About, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::GET, MethodFilter::GET, right, path, about, handler)
    }

    /// What is added, with POST.
    pub(super) fn post<H, T>(self, right: Right, path: &'static str, about: About, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::POST, MethodFilter::POST, right, path, about, handler)
    }

    /// What is changed, with PATCH.
    pub(super) fn patch<H, T>(self, right: Right, path: &'static str, about: About, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::PATCH, MethodFilter::PATCH, right, path, about, handler)
    }

    /// What is ended, with DELETE.
    pub(super) fn delete<H, T>(self, right: Right, path: &'static str, about: About, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.add(Method::DELETE, MethodFilter::DELETE, right, path, about, handler)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        right: Right,
        path: &'static str,
        about: About,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let name = match method {
            Method::POST => "POST",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "GET",
        };
        let post = Post {
            app: self.app.clone(),
            right,
            method: name,
            path,
            writes: method != Method::GET,
            tag: about.tag,
            secret: about.secret,
            ranges: about.ranges,
        };
        let gated: MethodRouter<App> = on(filter, handler).route_layer(from_fn_with_state(post, gate::gate));
        self.router = self.router.route(path, gated);
        self.list.push(Endpoint { method, path, right, about });
        self
    }

    /// Router and list.
    pub(super) fn finish(self) -> (Router, Vec<Endpoint>) {
        (self.router.with_state(self.app), self.list)
    }
}
