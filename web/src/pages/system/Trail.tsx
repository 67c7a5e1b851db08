// The access trail: sign-ins, sights of footage and writes, latest first. Nobody can change it, and this page neither.

import { Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useTrail } from "../../api/queries.ts";
import { useMay } from "../../app/rights.ts";
import { useAddress } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { More } from "../../components/Pages.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Reading } from "../../components/State.tsx";
import { exactMoment } from "../../format.ts";
import { useWords } from "../../words/index.ts";

const round = (act: string) => `/api/v1/rounds/{month}/{policy}/${act}`;

/** What the trail calls an act: a name, or the address at which it was done. */
const ACTS = [
  ...["sign_in", "sign_out", "set_up", "add_user", "change_user", "set_password", "add_token", "revoke_token"],
  ...["view_media", "view_preview", "view_stills"],
  "/api/v1/rounds",
  ...["seed", "draw", "redraw", "skips", "substitutes", "extras"].map(round),
  ...["assignments", "reassignments", "verdicts", "statements", "decisions"].map(round),
  ...["/api/v1/excuses", "/api/v1/excuses/{id}/withdraw", "/api/v1/visits"],
  ...["/api/v1/notices/drafts", "/api/v1/notices/escalations"],
  ...["issue", "reply", "close", "withdraw"].map((act) => `/api/v1/notices/{id}/${act}`),
  ...["/api/v1/returns", "/api/v1/returns/{id}/sent", "/api/v1/imports/{kind}", "/api/v1/quarantine/{id}/retry"],
];

/** Under which name its words stand: `/api/v1/notices/{id}/issue` is `notices_issue`. */
const actWord = (act: string): string =>
  act
    .replace(/^\/api\/v1\//, "")
    .split("/")
    .filter((part) => !part.startsWith("{"))
    .join("_");

export default function Trail() {
  const { t, word } = useWords();
  const may = useMay();
  const { read, write } = useAddress();
  const filter = { login: read("login"), act: read("act"), sort: read("sort") };
  const [typed, setTyped] = useState(filter.login);
  useEffect(() => {
    if (typed === filter.login) return;
    const wait = setTimeout(() => write({ login: typed.trim() }), 250);
    return () => clearTimeout(wait);
  }, [typed, filter.login, write]);
  const trail = useTrail(filter, may("trail"));
  return (
    <Panel title={t("system.audit_trail")}>
      <p className="quiet">{t("system.trail_lead")}</p>
      <div className="filters" role="search" aria-label={t("cases.filter_label")}>
        <Input
          type="search"
          className="short"
          allowClear
          aria-label={t("system.by")}
          placeholder={t("system.by")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Select
          aria-label={t("system.act")}
          className="filter"
          value={filter.act}
          onChange={(act: string) => write({ act })}
          options={[
            { value: "", label: t("system.all_acts") },
            ...ACTS.map((act) => ({ value: act, label: word("trail_acts", actWord(act)) })),
          ]}
        />
      </div>
      <Reading of={trail}>
        {(data) => {
          const lines = data.pages.flatMap((page) => page.lines);
          if (lines.length === 0) return <p className="quiet">{t("system.trail_none")}</p>;
          return (
            <>
              <DataTable
                label={t("system.audit_trail")}
                rows={lines}
                busy={trail.isPlaceholderData}
                order={filter.sort}
                onOrder={(sort) => write({ sort })}
                rowKey={(line) => String(line.id)}
                columns={[
                  {
                    name: "at",
                    label: t("system.at"),
                    sort: "at",
                    heads: true,
                    className: "nowrap figure",
                    cell: (line) => exactMoment(line.at),
                  },
                  {
                    name: "by",
                    label: t("system.by"),
                    sort: "login",
                    className: "nowrap",
                    cell: (line) => line.login || "–",
                  },
                  {
                    name: "act",
                    label: t("system.act"),
                    sort: "act",
                    className: "nowrap",
                    cell: (line) => <span title={line.act}>{word("trail_acts", actWord(line.act))}</span>,
                  },
                  {
                    name: "outcome",
                    label: t("intake.outcome"),
                    className: "nowrap",
                    cell: (line) => (
                      <span className={line.outcome === "refused" ? "tag severity-missing" : "tag"}>
                        {line.outcome === "refused" ? "✕ " : ""}
                        {word("trail_outcomes", line.outcome)}
                      </span>
                    ),
                  },
                  { name: "object", label: t("system.object"), className: "key", cell: (line) => line.subject || "–" },
                ]}
              />
              <More of={trail} />
            </>
          );
        }}
      </Reading>
    </Panel>
  );
}
