// 督察单: what was sent to whom, by when it is to be answered, and what it counts for.

import { Button, Select } from "antd";
import { useState } from "react";
import { Link, Navigate, useNavigate } from "react-router";
import { address, write } from "../api/client.ts";
import { useNotices, useRounds, useScores, useUnits, type Query } from "../api/queries.ts";
import type { Notice } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { useAddress, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Export } from "../components/Export.tsx";
import { Filters } from "../components/Filters.tsx";
import { FormDialog } from "../components/FormDialog.tsx";
import { PageHead, Panel } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { LevelTag } from "../components/Tags.tsx";
import { deadline, moment } from "../format.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";
import { Visits } from "./Visits.tsx";

export default function Notices() {
  const { t, word } = useWords();
  const { read, write: note } = useAddress();
  const link = useLink();
  const navigate = useNavigate();
  const may = useMay();
  const order = read("sort");
  const query: Query = { state: read("state"), unit: read("unit"), kind: read("kind"), sort: order || "-id" };
  const notices = useNotices(query);
  const units = useUnits();
  const said = {
    [t("notices.state")]: read("state") && word("notice_states", read("state")),
    [t("notices.kind")]: read("kind") && word("notice_kinds", read("kind")),
    [t("notices.unit")]: units.data?.units.find((unit) => unit.code === read("unit"))?.name ?? read("unit"),
  };
  const any = Boolean(query.state || query.unit || query.kind);
  const [act, setAct] = useState<"draft" | "escalate" | null>(null);
  const at = (notice: Notice) => link(`/notices/${notice.id}`);
  // Links of an earlier version had it here.
  if (read("notice")) return <Navigate replace to={link(`/notices/${read("notice")}`)} />;
  return (
    <>
      <PageHead title={t("notices.title")}>
        {notices.data?.notices.length ? <Export list="notices" query={query} /> : null}
        {may("notices") ? (
          <span className="row">
            <Button type="primary" onClick={() => setAct("draft")}>
              {t("notices.draft_title")}…
            </Button>
            <Button onClick={() => setAct("escalate")}>{t("notices.escalate_title")}…</Button>
          </span>
        ) : null}
      </PageHead>
      <Reading of={notices}>
        {({ notices: all }) => {
          if (all.length === 0 && !any)
            return (
              <Panel title={t("notices.title")}>
                <Empty title={t("notices.none")}>
                  <p>{t("notices.none_how")}</p>
                </Empty>
              </Panel>
            );
          return (
            <>
              <Filters said={said}>
                <Select
                  aria-label={t("notices.state")}
                  className="filter"
                  value={query.state}
                  onChange={(value: string) => note({ state: value })}
                  options={[
                    { value: "", label: t("notices.all_states") },
                    ...Object.keys(zh.notice_states).map((value) => ({ value, label: word("notice_states", value) })),
                  ]}
                />
                <Select
                  aria-label={t("notices.kind")}
                  className="filter"
                  value={query.kind}
                  onChange={(value: string) => note({ kind: value })}
                  options={[
                    { value: "", label: t("notices.all_kinds") },
                    ...Object.keys(zh.notice_kinds).map((value) => ({ value, label: word("notice_kinds", value) })),
                  ]}
                />
                <Select
                  aria-label={t("notices.unit")}
                  className="filter"
                  value={query.unit}
                  onChange={(value: string) => note({ unit: value })}
                  options={[
                    { value: "", label: t("cases.all_units") },
                    ...(units.data?.units ?? []).map((unit) => ({ value: unit.code, label: unit.name })),
                  ]}
                />
                {any ? (
                  <Button type="link" onClick={() => note({ state: null, kind: null, unit: null })}>
                    {t("cases.clear")}
                  </Button>
                ) : null}
              </Filters>
              {all.length === 0 ? <Empty title={t("notices.none_so")} /> : null}
              <DataTable
                label={t("notices.title")}
                rows={all}
                rowKey={(notice) => String(notice.id)}
                order={order}
                onOrder={(sort) => note({ sort })}
                open={(notice) => void navigate(at(notice))}
                columns={[
                  {
                    name: "number",
                    label: t("notices.number"),
                    heads: true,
                    className: "nowrap",
                    sort: "number",
                    cell: (notice) => <Link to={at(notice)}>{notice.standing.number ?? t("notices.draft")}</Link>,
                  },
                  {
                    name: "kind",
                    label: t("notices.kind"),
                    className: "nowrap",
                    sort: "kind",
                    cell: (notice) => word("notice_kinds", notice.kind),
                  },
                  {
                    name: "unit",
                    label: t("notices.unit"),
                    className: "nowrap",
                    sort: "unit",
                    cell: (notice) => notice.unit_name,
                  },
                  {
                    name: "facts",
                    label: t("notices.facts"),
                    numeric: true,
                    sort: "facts",
                    cell: (notice) => notice.facts.length,
                  },
                  {
                    name: "issued",
                    label: t("notices.issued"),
                    className: "nowrap figure",
                    sort: "issued_at",
                    cell: (notice) => (notice.standing.issued_at ? moment(notice.standing.issued_at) : "–"),
                  },
                  {
                    name: "due",
                    label: t("notices.due"),
                    className: "nowrap figure",
                    sort: "due_at",
                    cell: (notice) => (
                      <>
                        {notice.standing.due_at ? deadline(notice.standing.due_at) : "–"}
                        {notice.standing.late ? <span className="tag late">⚠ {t("notices.late")}</span> : null}
                      </>
                    ),
                  },
                  {
                    name: "state",
                    label: t("notices.state"),
                    className: "nowrap",
                    sort: "state",
                    cell: (notice) => word("notice_states", notice.standing.state),
                  },
                ]}
              />
            </>
          );
        }}
      </Reading>
      <Scores />
      <Visits />
      {act === "draft" ? (
        <DraftForm close={() => setAct(null)} />
      ) : act === "escalate" ? (
        <FormDialog
          title={t("notices.escalate_title")}
          lead={<p>{t("notices.escalate_lead")}</p>}
          fields={[]}
          submit={t("notices.escalate_title")}
          said={t("form.recorded")}
          close={() => setAct(null)}
          send={(_, intent) => write("POST", address("notices/escalations"), { body: {}, intent })}
        />
      ) : null}
    </>
  );
}

function Scores() {
  const { t, word } = useWords();
  const month = useMonth();
  const link = useLink();
  return (
    <Panel title={t("notices.scores")}>
      <Reading of={useScores(month)}>
        {(sheet) => (
          <>
            <p className="quiet">
              {t("notices.span", { since: sheet.since, month: sheet.month })}{" "}
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
                        <Link key={index} className="chip" to={link(`/notices/${origin.notice}`)}>
                          {origin.number || word("notice_kinds", origin.kind)} · {word("point_reasons", origin.reason)}{" "}
                          +{origin.points}
                        </Link>
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

function DraftForm({ close }: { close: () => void }) {
  const { t } = useWords();
  const rounds = useRounds();
  const drawn = rounds.data?.rounds.filter((round) => round.drawn_at !== null) ?? [];
  if (rounds.isPending) return null;
  return (
    <FormDialog
      title={t("notices.draft_title")}
      lead={<p>{t("notices.draft_round_lead")}</p>}
      fields={[
        {
          name: "round",
          label: t("rounds.round"),
          kind: "select",
          required: true,
          initial: drawn.at(-1)?.id ?? "",
          options: drawn.map((round) => ({ value: round.id, label: round.id })),
        },
      ]}
      submit={t("notices.draft_title")}
      said={t("notices.draft_said")}
      close={close}
      send={({ round }, intent) =>
        write("POST", address("notices/drafts"), {
          body: { round },
          intent,
        })
      }
    />
  );
}
