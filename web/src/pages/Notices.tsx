// 督察单: what was sent to whom, by when it is to be answered, and what it counts for.

import { Button, Drawer, Select } from "antd";
import { useNotices, useScores } from "../api/queries.ts";
import type { Notice } from "../api/types.ts";
import { useAddress, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { LevelTag } from "../components/Tags.tsx";
import { day, moment } from "../format.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";
import { Link } from "react-router";
import { itemPath } from "../rounds/items.ts";

export default function Notices() {
  const { t, word } = useWords();
  const { read, write } = useAddress();
  const state = read("state");
  const notices = useNotices();
  const open = notices.data?.notices.find((notice) => String(notice.id) === read("notice"));
  return (
    <>
      <PageHead title={t("notices.title")} />
      <Reading of={notices}>
        {({ notices: all }) => {
          if (all.length === 0)
            return (
              <Panel title={t("notices.title")}>
                <Empty title={t("notices.none")}>
                  <p>{t("notices.none_how")}</p>
                </Empty>
              </Panel>
            );
          const shown = all.filter((notice) => !state || notice.standing.state === state);
          return (
            <>
              <div className="filters">
                <Select
                  aria-label={t("notices.state")}
                  className="filter"
                  value={state}
                  onChange={(value: string) => write({ state: value })}
                  options={[
                    { value: "", label: t("notices.all_states") },
                    ...Object.keys(zh.notice_states).map((value) => ({ value, label: word("notice_states", value) })),
                  ]}
                />
              </div>
              <DataTable
                label={t("notices.title")}
                rows={[...shown].reverse()}
                rowKey={(notice) => String(notice.id)}
                open={(notice) => write({ notice: String(notice.id) }, true)}
                columns={[
                  {
                    name: "number",
                    label: t("notices.number"),
                    heads: true,
                    className: "nowrap",
                    cell: (notice) => (
                      <button type="button" className="link" onClick={() => write({ notice: String(notice.id) }, true)}>
                        {notice.standing.number ?? t("notices.draft")}
                      </button>
                    ),
                  },
                  {
                    name: "kind",
                    label: t("notices.kind"),
                    className: "nowrap",
                    cell: (notice) => word("notice_kinds", notice.kind),
                  },
                  { name: "unit", label: t("notices.unit"), className: "nowrap", cell: (notice) => notice.unit_name },
                  { name: "facts", label: t("notices.facts"), numeric: true, cell: (notice) => notice.facts.length },
                  {
                    name: "issued",
                    label: t("notices.issued"),
                    className: "nowrap figure",
                    cell: (notice) => (notice.standing.issued_at ? moment(notice.standing.issued_at) : "–"),
                  },
                  {
                    name: "due",
                    label: t("notices.due"),
                    className: "nowrap figure",
                    cell: (notice) => (
                      <>
                        {notice.standing.due_at ? day(notice.standing.due_at) : "–"}
                        {notice.standing.late ? <span className="tag late">⚠ {t("notices.late")}</span> : null}
                      </>
                    ),
                  },
                  {
                    name: "state",
                    label: t("notices.state"),
                    className: "nowrap",
                    cell: (notice) => word("notice_states", notice.standing.state),
                  },
                ]}
              />
            </>
          );
        }}
      </Reading>
      <Scores />
      <Drawer
        open={Boolean(open)}
        onClose={() => write({ notice: null })}
        size={720}
        title={open ? (open.standing.number ?? t("notices.draft")) : ""}
        className="print-me"
        extra={<Button onClick={() => print()}>{t("notices.print")}</Button>}
      >
        {open ? <One notice={open} /> : null}
      </Drawer>
    </>
  );
}

function One({ notice }: { notice: Notice }) {
  const { t, word } = useWords();
  const link = useLink();
  return (
    <article className="notice">
      <h2>{word("notice_kinds", notice.kind)}</h2>
      <Facts
        of={[
          [t("notices.issuer"), notice.issuer],
          [t("notices.unit"), notice.unit_name],
          [t("notices.issued"), notice.standing.issued_at ? moment(notice.standing.issued_at) : "–"],
          [
            t("notices.due"),
            notice.standing.due_at ? day(notice.standing.due_at) : t("notices.reply_days", { n: notice.reply_days }),
          ],
          [t("notices.clause"), notice.clause],
          [t("notices.copies"), notice.copies.join("、") || "–"],
        ]}
      />
      <h3>{t("notices.facts")}</h3>
      <ol lang="zh-CN">
        {notice.facts.map((fact) => {
          const { path, stage } = itemPath(fact.item);
          return (
            <li key={`${fact.round} ${fact.item}`}>
              {fact.text}{" "}
              <Link className="no-print" to={link(path, { stage })}>
                {fact.item}
              </Link>
            </li>
          );
        })}
      </ol>
      <h3>{t("notices.demand")}</h3>
      <p lang="zh-CN">{notice.demand}</p>
      <h3 className="no-print">{t("notices.history")}</h3>
      <ul className="plain no-print">
        {notice.events.map((event) => (
          <li key={event.number}>
            <span className="figure">{moment(event.at)}</span> <b>{word("notice_acts", event.act)}</b>{" "}
            <span className="quiet">
              {event.by} {event.text ?? event.note ?? event.reason ?? ""}
            </span>
          </li>
        ))}
      </ul>
    </article>
  );
}

function Scores() {
  const { t, word } = useWords();
  const month = useMonth();
  const { write } = useAddress();
  return (
    <Panel title={t("notices.scores")}>
      <Reading of={useScores(month)}>
        {(sheet) => (
          <>
            <p className="quiet">
              {t("notices.span", { since: sheet.since, month: sheet.month })}
              {sheet.status === "confirmed" ? null : <span className="tag">{t("overview.to_confirm")}</span>}
            </p>
            <DataTable
              label={t("notices.scores")}
              rows={sheet.units}
              rowKey={(unit) => unit.unit}
              columns={[
                { name: "unit", label: t("round.unit"), heads: true, cell: (unit) => unit.name },
                { name: "level", label: t("overview.level"), cell: (unit) => <LevelTag level={unit.level} /> },
                { name: "points", label: t("notices.points"), numeric: true, cell: (unit) => unit.points },
                { name: "month", label: t("notices.month_points"), numeric: true, cell: (unit) => unit.month_points },
                {
                  name: "origin",
                  label: t("notices.origin"),
                  cell: (unit) =>
                    unit.origins.length === 0 ? (
                      <span className="quiet">{t("notices.no_points")}</span>
                    ) : (
                      unit.origins.map((origin, index) => (
                        <button
                          key={index}
                          type="button"
                          className="chip"
                          onClick={() => write({ notice: String(origin.notice) }, true)}
                        >
                          {origin.number || word("notice_kinds", origin.kind)} · {word("point_reasons", origin.reason)}{" "}
                          +{origin.points}
                        </button>
                      ))
                    ),
                },
              ]}
            />
          </>
        )}
      </Reading>
    </Panel>
  );
}
