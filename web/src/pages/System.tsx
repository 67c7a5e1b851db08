// 系统: the policy in force with the figures nobody confirmed, who may use the service, and what was done.

import { useOverview, useReturns, useTrail, useUsers } from "../api/queries.ts";
import { useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../components/Panel.tsx";
import { NotOffered, Reading } from "../components/State.tsx";
import { exactMoment, length, moment, number } from "../format.ts";
import { useWords } from "../words/index.ts";
import { useSession } from "../app/session.tsx";

export default function System() {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t("system.title")} />
      <Policy />
      <Returns />
      <Users />
      <Trail />
    </>
  );
}

function Policy() {
  const { t, language } = useWords();
  const overview = useOverview(useMonth());
  return (
    <Panel title={t("system.policy")}>
      <Reading of={overview}>
        {({ policy, catalog, audit }) => (
          <>
            <Facts
              of={[
                [t("system.name"), <code key="n">{policy.name}</code>],
                [t("system.district"), policy.district],
                [t("system.document"), `${policy.document}《${policy.title}》`],
                [
                  t("system.catalog"),
                  `${t("system.units")} ${number(catalog.units)} · ${t("system.officers")} ${number(catalog.officers)} · ${t("system.devices")} ${number(catalog.devices)} · ${t("system.cases")} ${number(catalog.cases)} · ${t("system.stages")} ${number(catalog.stages)}`,
                ],
              ]}
            />
            {audit && audit.to_be_confirmed.length ? (
              <>
                <h3>{t("system.unconfirmed")}</h3>
                <p className="quiet">{t("system.unconfirmed_how")}</p>
                <DataTable
                  label={t("system.unconfirmed")}
                  rows={audit.to_be_confirmed}
                  rowKey={(figure) => figure.figure}
                  columns={[
                    {
                      name: "figure",
                      label: t("system.figure"),
                      heads: true,
                      cell: (figure) => <code>{figure.figure}</code>,
                    },
                    {
                      name: "value",
                      label: t("system.value"),
                      numeric: true,
                      className: "nowrap",
                      cell: (figure) => (figure.value_us === null ? "–" : length(figure.value_us, language)),
                    },
                    { name: "clause", label: t("system.clause"), cell: (figure) => figure.clause },
                    {
                      name: "words",
                      label: t("system.words"),
                      cell: (figure) => <span lang="zh-CN">{figure.words}</span>,
                    },
                  ]}
                />
              </>
            ) : null}
          </>
        )}
      </Reading>
    </Panel>
  );
}

function Returns() {
  const { t, word } = useWords();
  return (
    <Panel title={t("system.returns")}>
      <Reading of={useReturns()}>
        {({ returns }) =>
          returns.length === 0 ? (
            <p className="quiet">{t("system.returns_none")}</p>
          ) : (
            <DataTable
              label={t("system.returns")}
              rows={[...returns].reverse()}
              rowKey={(one) => `${one.month} ${one.policy} ${one.state} ${one.version}`}
              columns={[
                { name: "month", label: t("rounds.month"), heads: true, className: "nowrap", cell: (one) => one.month },
                { name: "version", label: t("system.version"), numeric: true, cell: (one) => one.version },
                {
                  name: "state",
                  label: t("system.state"),
                  className: "nowrap",
                  cell: (one) => word("return_states", one.state),
                },
                { name: "at", label: t("system.at"), className: "nowrap figure", cell: (one) => moment(one.at) },
                {
                  name: "sentence",
                  label: t("system.sentence"),
                  cell: (one) => <span lang="zh-CN">{one.sentence}</span>,
                },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}

function Users() {
  const { t, word } = useWords();
  const session = useSession();
  const users = useUsers();
  if (session.kind === "no_accounts")
    return (
      <Panel title={t("system.users")}>
        <p className="quiet">{t("session.no_accounts")}</p>
      </Panel>
    );
  return (
    <Panel title={t("system.users")}>
      <Reading of={users}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof user list" />
          ) : found.users.length === 0 ? (
            <p className="quiet">{t("system.users_none")}</p>
          ) : (
            <DataTable
              label={t("system.users")}
              rows={found.users}
              rowKey={(user) => user.id}
              columns={[
                { name: "login", label: t("system.login"), heads: true, cell: (user) => user.login },
                { name: "name", label: t("system.user_name"), cell: (user) => user.name },
                { name: "role", label: t("system.role"), cell: (user) => word("roles", user.role) },
                { name: "unit", label: t("system.unit"), cell: (user) => user.unit ?? "–" },
                {
                  name: "state",
                  label: t("system.state"),
                  cell: (user) => (user.disabled_at ? `✕ ${t("system.disabled")}` : `✓ ${t("system.active")}`),
                },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}

function Trail() {
  const { t } = useWords();
  const session = useSession();
  const trail = useTrail();
  if (session.kind === "no_accounts") return null;
  return (
    <Panel title={t("system.audit_trail")}>
      <Reading of={trail}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof log" />
          ) : found.lines.length === 0 ? (
            <p className="quiet">{t("system.trail_none")}</p>
          ) : (
            <DataTable
              label={t("system.audit_trail")}
              rows={found.lines}
              rowKey={(line) => String(line.id)}
              columns={[
                {
                  name: "at",
                  label: t("system.at"),
                  heads: true,
                  className: "nowrap figure",
                  cell: (line) => exactMoment(line.at),
                },
                { name: "by", label: t("system.by"), cell: (line) => line.login || "–" },
                { name: "act", label: t("system.act"), cell: (line) => <code>{line.act}</code> },
                { name: "outcome", label: t("intake.outcome"), cell: (line) => line.outcome },
                { name: "object", label: t("system.object"), className: "key", cell: (line) => line.subject || "–" },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
