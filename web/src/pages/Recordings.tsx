// 录像: what is stored, a page after another as one scrolls on.

import { Input, Select } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useRecordings, useUnits, type Query } from "../api/queries.ts";
import type { Recording } from "../api/types.ts";
import { recordingPath, useAddress, useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Export } from "../components/Export.tsx";
import { Filters } from "../components/Filters.tsx";
import { More } from "../components/Pages.tsx";
import { PageHead } from "../components/Panel.tsx";
import { Empty, Failed, Loading } from "../components/State.tsx";
import { bytes, length, moment, number } from "../format.ts";
import { WithStill } from "../player/Still.tsx";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";

export default function Recordings() {
  const { t, language, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const { read, write } = useAddress();
  const filter: Query & { q: string; device: string; badge: string; sort: string } = {
    q: read("q"),
    device: read("device"),
    badge: read("badge"),
    quarantined: read("quarantined"),
    problem: read("problem"),
    sort: read("sort"),
  };
  const units = new Map(useUnits().data?.units.map((unit) => [unit.code, unit.name]));
  const pages = useRecordings(filter);
  const rows = pages.data?.pages.flatMap((page) => page.recordings) ?? [];
  const states: [string, string][] = [
    ["", t("recordings.all")],
    ["false", t("recordings.usable")],
    ["true", `⚠ ${t("recordings.quarantined")}`],
  ];
  const said = {
    [t("recordings.state")]: new Map(states.slice(1)).get(String(filter.quarantined)) ?? "",
    [t("recordings.search")]: filter.q,
    [t("recordings.device")]: filter.device,
    [t("recordings.badge")]: filter.badge,
    [t("recordings.condition")]: filter.problem ? word("problems", String(filter.problem)) : "",
  };
  return (
    <>
      <PageHead title={t("recordings.title")}>
        <span className="quiet" role="status">
          {pages.data ? t("recordings.shown", { n: number(rows.length) }) : ""}
        </span>
        {rows.length ? <Export list="recordings" query={filter} pages={pages} /> : null}
      </PageHead>
      <Filters said={said}>
        <div className="segments" role="group" aria-label={t("recordings.state")}>
          {states.map(([value, label]) => (
            <button
              key={value}
              type="button"
              aria-pressed={filter.quarantined === value}
              onClick={() => write({ quarantined: value })}
            >
              {label}
            </button>
          ))}
        </div>
        <Typed name="q" label={t("recordings.search")} value={filter.q} write={write} wide />
        <Typed name="device" label={t("recordings.device")} value={filter.device} write={write} />
        <Typed name="badge" label={t("recordings.badge")} value={filter.badge} write={write} />
        <Select
          aria-label={t("recordings.condition")}
          className="filter"
          value={filter.problem}
          onChange={(problem: string) => write({ problem })}
          options={[
            { value: "", label: t("recordings.any_problem") },
            ...Object.keys(zh.problems).map((code) => ({ value: code, label: word("problems", code) })),
          ]}
        />
      </Filters>
      {pages.isError ? (
        <Failed error={pages.error} retry={() => void pages.refetch()} />
      ) : pages.isPending ? (
        <Loading />
      ) : rows.length === 0 ? (
        <Empty title={t("recordings.none")}>
          <p>{t("recordings.none_how")}</p>
        </Empty>
      ) : (
        <>
          <DataTable
            label={t("recordings.title")}
            rows={rows}
            busy={pages.isPlaceholderData}
            order={filter.sort}
            onOrder={(sort) => write({ sort })}
            rowKey={(row) => `${row.store} ${row.object_key}`}
            open={(row) => void navigate(link(recordingPath(row.object_key)))}
            columns={[
              {
                name: "file",
                label: t("recordings.file"),
                heads: true,
                className: "key",
                cell: (row) => (
                  <>
                    <WithStill recording={row}>
                      <Link to={link(recordingPath(row.object_key))}>{row.object_key}</Link>
                    </WithStill>
                    {row.version > 1 ? (
                      <span className="tag">{t("recordings.version", { n: row.version })}</span>
                    ) : null}
                  </>
                ),
              },
              {
                name: "unit",
                label: t("recordings.unit"),
                sort: "unit",
                className: "nowrap",
                cell: (row) => (row.device_unit ? (units.get(row.device_unit) ?? row.device_unit) : "–"),
              },
              {
                name: "device",
                label: t("recordings.device"),
                sort: "device",
                className: "nowrap",
                cell: (row) => row.key.device ?? "–",
              },
              {
                name: "badge",
                label: t("recordings.badge"),
                sort: "badge",
                className: "nowrap",
                cell: (row) => row.key.badge ?? "–",
              },
              {
                name: "start",
                label: t("recordings.start"),
                sort: "started_at",
                className: "nowrap figure",
                cell: (row) => (row.started_at ? moment(row.started_at) : "–"),
              },
              {
                name: "length",
                label: t("recordings.length"),
                sort: "duration_us",
                numeric: true,
                className: "nowrap",
                cell: (row) => (row.duration_us === null ? "–" : length(row.duration_us, language)),
              },
              {
                name: "size",
                label: t("recordings.size"),
                sort: "size_bytes",
                numeric: true,
                className: "nowrap",
                cell: (row) => bytes(row.size_bytes),
              },
              { name: "condition", label: t("recordings.condition"), cell: (row) => <Condition of={row} /> },
            ]}
          />
          <More of={pages} />
        </>
      )}
    </>
  );
}

export function Condition({ of }: { of: Recording }) {
  const { t, word } = useWords();
  if (of.problems.length === 0 && !of.gone_at) return <span className="quiet">{t("recordings.readable")}</span>;
  return (
    <span className="tags">
      {of.gone_at ? <span className="tag late">✕ {t("recordings.gone")}</span> : null}
      {of.problems.map((problem, index) => (
        <span
          key={index}
          className={of.quarantined ? "tag severity-missing" : "tag severity-notice"}
          title={problem.detail}
        >
          {of.quarantined ? "⚠ " : ""}
          {word("problems", problem.code)}
        </span>
      ))}
    </span>
  );
}

/** A field that asks once nobody has typed for a moment. */
function Typed({
  name,
  label,
  value,
  write,
  wide = false,
}: {
  name: string;
  label: string;
  value: string;
  write: (changes: Record<string, string>) => void;
  wide?: boolean;
}) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const wait = setTimeout(() => write({ [name]: typed.trim() }), 250);
    return () => clearTimeout(wait);
  }, [typed, value, name, write]);
  return (
    <Input
      type="search"
      className={wide ? "search" : "short"}
      aria-label={label}
      placeholder={label}
      value={typed}
      allowClear
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
