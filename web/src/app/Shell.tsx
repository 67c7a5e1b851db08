// The frame of every page: where one is, which month, which language, and who one is.

import { Button, Select } from "antd";
import { Suspense, useEffect, useRef } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useOverview } from "../api/queries.ts";
import { monthName, shanghaiNow } from "../format.ts";
import { useOnPaper } from "../components/onPaper.ts";
import { Loading } from "../components/State.tsx";
import { useWords } from "../words/index.ts";
import { useChanges } from "./changes.ts";
import { Said } from "./Said.tsx";
import { useSession, useSignOut } from "./session.tsx";
import { useAddress, useLink, useMonth } from "./where.ts";

const PAGES = ["overview", "cases", "recordings", "rounds", "drones", "notices", "intake", "proof", "system"] as const;

/** Pages whose content depends on the month. */
const BY_MONTH = /^\/($|cases$|drones|intake|notices$)/;

export function Shell() {
  const { t, language, switchLanguage } = useWords();
  const link = useLink();
  const { pathname } = useLocation();
  useChanges();
  const main = useRef<HTMLElement>(null);
  const arrived = useRef(false);
  // Whoever goes to another page by keyboard goes on from its top, not from the link.
  useEffect(() => {
    if (arrived.current) main.current?.focus({ preventScroll: true });
    arrived.current = true;
    scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className="shell">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t("app.skip")}
      </a>
      <header className="top">
        <NavLink className="brand" to={link("/")}>
          <span className="brand-mark" aria-hidden="true" />
          <span className="brand-name">{t("app.name")}</span>
        </NavLink>
        <nav aria-label={t("app.menu")} className="menu">
          {PAGES.map((page) => (
            <NavLink key={page} to={link(page === "overview" ? "/" : `/${page}`)} end={page === "overview"}>
              {t(`nav.${page}`)}
            </NavLink>
          ))}
        </nav>
        <div className="choices">
          {BY_MONTH.test(pathname) ? <MonthPicker /> : null}
          <Button type="text" className="on-dark" onClick={switchLanguage} lang={language === "zh" ? "en" : "zh-CN"}>
            {t("app.language")}
          </Button>
          <WhoAmI />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <OnPaper />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Said />
    </div>
  );
}

/** What stands above everything that is printed: of which system it is, which month, who printed it and when. */
function OnPaper() {
  const { t } = useWords();
  const { pathname } = useLocation();
  const session = useSession();
  if (!useOnPaper()) return null;
  const by = session.kind === "user" ? session.user.name : null;
  const at = shanghaiNow();
  return (
    <p className="on-paper">
      <span>
        {t("app.name")}
        {BY_MONTH.test(pathname) ? <MonthOnPaper /> : null}
      </span>
      <span>{by ? t("app.printed_by", { by, at }) : t("app.printed", { at })}</span>
    </p>
  );
}

/** The month of what is printed, which the choice of months has asked for before. */
function MonthOnPaper() {
  const { language } = useWords();
  const month = useMonth();
  const { data } = useOverview(month);
  const shown = month ?? data?.month;
  return shown ? <> · {monthName(shown, language)}</> : null;
}

function MonthPicker() {
  const { t, language } = useWords();
  const month = useMonth();
  const { write } = useAddress();
  const overview = useOverview(month);
  const latest = useOverview(null);
  const months = overview.data?.months ?? latest.data?.months ?? [];
  if (months.length === 0) return null;
  const shown = month ?? overview.data?.month ?? months.at(-1) ?? null;
  const listed = shown && !months.includes(shown) ? [...months, shown].sort() : months;
  return (
    <Select
      aria-label={t("app.month")}
      className="month"
      value={shown}
      onChange={(chosen: string) => write({ month: chosen }, true)}
      options={[...listed].reverse().map((one) => ({ value: one, label: monthName(one, language) }))}
    />
  );
}

function WhoAmI() {
  const { t, word } = useWords();
  const session = useSession();
  const signOut = useSignOut();
  if (session.kind !== "user") {
    return (
      <span className="who" title={t("session.no_accounts")}>
        {t("session.no_accounts_short")}
      </span>
    );
  }
  const { user } = session;
  return (
    <span className="who">
      <span title={t("session.who", { name: user.name, role: word("roles", user.role) })}>
        {user.name} <small>{word("roles", user.role)}</small>
      </span>
      <Button type="text" className="on-dark" onClick={() => signOut.mutate()} loading={signOut.isPending}>
        {t("session.sign_out")}
      </Button>
    </span>
  );
}
