// The access trail: sign-ins, sights of footage and writes, latest first. Nobody can change it, and this page neither.

import { Input, Select } from "antd";
import { useEffect, useState } from "react";
import { Link } from "react-router";
import { useTrail } from "../../api/queries.ts";
import type { TrailLine } from "../../api/types.ts";
import { useMay } from "../../app/rights.ts";
import { useAddress } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Filters } from "../../components/Filters.tsx";
import { More } from "../../components/Pages.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Reading } from "../../components/State.tsx";
import { exactMoment } from "../../format.ts";
import { useWords } from "../../words/index.ts";
import { ACTS, actWord, rawObject, touched } from "./trail.ts";

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
  const said = {
    [t("system.by")]: filter.login,
    [t("system.act")]: filter.act && word("trail_acts", actWord({ act: filter.act })),
  };
  return (
    <Panel title={t("system.audit_trail")}>
      <p className="quiet">{t("system.trail_lead")}</p>
      <Filters said={said}>
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
            ...ACTS.map((act) => ({ value: act, label: word("trail_acts", actWord({ act })) })),
          ]}
        />
      </Filters>
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
                    cell: (line) => <span title={line.act}>{word("trail_acts", actWord(line))}</span>,
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
                  {
                    name: "object",
                    label: t("system.object"),
                    className: "key",
                    cell: (line) => <ObjectOf line={line} />,
                  },
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

/** What was touched, in words; what was asked for to the letter shows when it is pointed at. */
function ObjectOf({ line }: { line: TrailLine }) {
  const { word } = useWords();
  const raw = rawObject(line);
  const found = touched(line);
  if (!found) return <span title={raw || undefined}>{raw || "–"}</span>;
  const kind = word("trail_objects", found.word);
  const which = found.coded ? word(found.coded.group, found.coded.code) : found.name;
  const said = which ? `${kind} · ${which}` : kind;
  return <span title={raw}>{found.to ? <Link to={found.to}>{said}</Link> : said}</span>;
}
