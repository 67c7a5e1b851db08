// Who is signed in: the forms for signing in and for the first account, and the way out.

import { el, fill, read, send } from "./dom.js";
import { lang, w } from "./words.js";

const field = (name, label, props = {}) => el("p", { class: "field" },
  el("label", { for: `field-${name}` }, label),
  el("input", { id: `field-${name}`, name, required: true, ...props }));

/** A form that says below itself what did not do; `submit` gets its fields by name. */
function form(title, hint, fields, word, submit) {
  const said = el("p", { class: "bad-line", role: "alert" });
  const button = el("button", { type: "submit" }, word);
  return el("form", {
    class: "panel sign-in",
    onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      fill(said);
      try {
        await submit(Object.fromEntries(new FormData(event.target)));
      } catch (error) {
        const problem = error.problem;
        fill(said, problem ? (lang === "en" ? `${problem.title}. ${problem.detail}` : `${problem.title_zh}。${problem.detail_zh}`) : w.unreachable);
      } finally {
        button.disabled = false;
      }
    },
  }, el("h2", {}, title), hint ? el("p", { class: "quiet" }, hint) : null, fields, said, button);
}

const login = () => field("login", w.login, { autocomplete: "username", autocapitalize: "none", spellcheck: "false" });

/** Asks for login and password, then goes on. */
export function signIn(place, goOn) {
  fill(place, form(w.sign_in, null,
    [login(), field("password", w.password, { type: "password", autocomplete: "current-password" })],
    w.sign_in, async (fields) => {
      await send("POST", "/api/v1/session", fields);
      goOn();
    }));
  place.querySelector("input").focus();
}

/** Makes the first account, with the token of the address. */
export function setUp(place, goOn) {
  const token = new URLSearchParams(location.search).get("token");
  if (!token) {
    fill(place, el("div", { class: "state" }, el("p", {}, el("b", {}, w.set_up)), el("p", {}, w.set_up_link)));
    return;
  }
  fill(place, form(w.set_up, w.password_rule,
    [login(), field("name", w.name, { autocomplete: "name" }),
      field("password", w.password, { type: "password", autocomplete: "new-password", minlength: 12 })],
    w.set_up_do, async (fields) => {
      await send("POST", "/api/v1/setup", { token, ...fields });
      // The token has done its work and stays out of the history.
      history.replaceState(null, "", "/");
      goOn();
    }));
  place.querySelector("input").focus();
}

/** Who is signed in, with the way out; nothing if nobody is. */
export async function whoIsIn(place) {
  const { user } = await read("/api/v1/session");
  const out = el("button", {
    type: "button",
    onclick: async () => {
      await send("DELETE", "/api/v1/session").catch(() => null);
      location.assign("/");
    },
  }, w.sign_out);
  fill(place, el("span", {}, `${user.name} · ${w.roles[user.role] ?? user.role} `), out);
}
