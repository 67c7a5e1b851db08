// 案件: the cases of a month with what is wrong with them. Filters stand in the address.

import { Button, Checkbox, Input, Select } from "antd";
import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAudit, useCases, useOverview } from "../api/queries.ts";
import { casePath, useAddress, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { PageHead } from "../components/Panel.tsx";
import { Empty, Failed, Loading } from "../components/State.tsx";
import { Meter, SIGNS, STATUSES, StatusTag } from "../components/Tags.tsx";
import { moment, number } from "../format.ts";
import { useWords } from "../words/index.ts";
import { caseRows, matches, type CaseFilter, type CaseRow } from "./caseRows.ts";

const FILTERS = ["status", "unit", "finding", "kind", "q", "drawn"] as const;

export default function Cases() {
  const { t } = useWords();
  const month = useMonth();
  const cases = useCases(month);
  const audit = useAudit(month);
  const overview = useOverview(month);
  if (cases.isError) return <Failed error={cases.error} retry={() => void cases.refetch()} />;
  if (audit.isError) return <Failed error={audit.error} retry={() => void audit.refetch()} />;
  if (!cases.data || !audit.data || overview.isPending) return <Loading what={t("state.judging")} />;
  const drawn = new Set(overview.data?.round?.draw?.items.map((item) => item.id) ?? []);
  return (
    <List
      rows={caseRows(cases.data, audit.data, drawn)}
      codes={Object.keys(audit.data.totals.findings)}
      units={new Map(audit.data.units.map((unit) => [unit.unit ?? "?", unit.name ?? unit.unit ?? "?"]))}
    />
  );
}

function List({ rows, codes, units }: { rows: CaseRow[]; codes: string[]; units: Map<string, string> }) {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const { read, write } = useAddress();
  const filter: CaseFilter = {
    status: read("status"),
    unit: read("unit"),
    finding: read("finding"),
    kind: read("kind"),
    q: read("q"),
    drawn: read("drawn"),
  };
  const deferred = useDeferredValue(JSON.stringify(filter));
  const shown = useMemo(() => {
    const wanted = JSON.parse(deferred) as CaseFilter;
    return rows.filter((row) => matches(row, wanted));
  }, [rows, deferred]);
  const kinds = [...new Set(rows.flatMap((row) => row.stages.map((stage) => stage.kind)))];
  const [typed, setTyped] = useState(filter.q);
  // The address may change by other hands than those at the field.
  useEffect(() => setTyped(filter.q), [filter.q]);
  const any = FILTERS.some((name) => filter[name]);
  const at = (row: CaseRow) =>
    link(casePath(row.caseNo), filter.finding && filter.finding !== "any" ? { finding: filter.finding } : {});
  return (
    <>
      <PageHead title={t("cases.title")}>
        <span className="quiet" role="status">
          {shown.length === rows.length
            ? t("cases.count", { n: number(rows.length) })
            : t("cases.count_of", { n: number(shown.length), all: number(rows.length) })}
        </span>
      </PageHead>
      <div className="filters" role="search" aria-label={t("cases.filter_label")}>
        <div className="segments" role="group" aria-label={t("cases.status")}>
          {["", ...STATUSES].map((status) => (
            <button
              key={status}
              type="button"
              aria-pressed={filter.status === status}
              onClick={() => write({ status })}
            >
              {status ? (
                <>
                  <span aria-hidden="true">{SIGNS[status as keyof typeof SIGNS]} </span>
                  {word("status", status)}
                </>
              ) : (
                t("cases.all")
              )}
            </button>
          ))}
        </div>
        <Select
          aria-label={t("cases.unit")}
          className="filter"
          value={filter.unit}
          onChange={(unit: string) => write({ unit })}
          options={[
            { value: "", label: t("cases.all_units") },
            ...[...units].map(([value, label]) => ({ value, label })),
          ]}
        />
        <Select
          aria-label={t("cases.findings")}
          className="filter"
          value={filter.finding}
          onChange={(finding: string) => write({ finding })}
          options={[
            { value: "", label: t("cases.all_findings") },
            { value: "any", label: t("cases.any_finding") },
            ...codes.map((code) => ({ value: code, label: word("codes", code) })),
          ]}
        />
        <Select
          aria-label={t("cases.stages")}
          className="filter"
          value={filter.kind}
          onChange={(kind: string) => write({ kind })}
          options={[
            { value: "", label: t("cases.all_kinds") },
            ...kinds.map((kind) => ({ value: kind, label: word("kinds", kind) })),
          ]}
        />
        <Input
          type="search"
          className="search"
          aria-label={t("cases.search")}
          placeholder={t("cases.search")}
          value={typed}
          allowClear
          onChange={(event) => {
            setTyped(event.target.value);
            write({ q: event.target.value });
          }}
        />
        <Checkbox
          checked={filter.drawn === "1"}
          onChange={(event) => write({ drawn: event.target.checked ? "1" : "" })}
        >
          {t("cases.drawn_only")}
        </Checkbox>
        {any ? (
          <Button type="link" onClick={() => write(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>
            {t("cases.clear")}
          </Button>
        ) : null}
      </div>
      {shown.length === 0 ? (
        <Empty title={rows.length ? t("cases.none") : t("cases.empty")}>
          {any ? (
            <Button onClick={() => write(Object.fromEntries(FILTERS.map((name) => [name, ""])))}>
              {t("cases.clear")}
            </Button>
          ) : null}
        </Empty>
      ) : (
        <DataTable
          label={t("cases.title")}
          rows={shown}
          rowKey={(row) => row.caseNo}
          order={read("sort")}
          onOrder={(sort) => write({ sort })}
          open={(row) => void navigate(at(row))}
          columns={[
            {
              name: "case",
              label: t("cases.case_no"),
              heads: true,
              className: "nowrap",
              orders: (row) => row.caseNo,
              cell: (row) => (
                <>
                  <Link to={at(row)}>{row.caseNo}</Link>
                  {row.drawn ? <span className="tag drawn">{t("cases.drawn")}</span> : null}
                </>
              ),
            },
            { name: "title", label: t("cases.subject"), cell: (row) => row.title ?? "–" },
            {
              name: "unit",
              label: t("cases.unit"),
              className: "nowrap",
              orders: (row) => units.get(row.unit) ?? row.unit,
              cell: (row) => units.get(row.unit) ?? row.unit,
            },
            {
              name: "procedure",
              label: t("cases.procedure"),
              className: "nowrap",
              cell: (row) => word("procedures", row.procedure),
            },
            {
              name: "filed",
              label: t("cases.filed"),
              className: "nowrap figure",
              orders: (row) => row.filedAt,
              cell: (row) => (row.filedAt ? moment(row.filedAt) : "–"),
            },
            {
              name: "stages",
              label: t("cases.stages"),
              numeric: true,
              orders: (row) => row.stages.length,
              cell: (row) => row.stages.length,
            },
            {
              name: "coverage",
              label: t("cases.coverage"),
              orders: (row) => (row.requiredUs > 0 ? row.coveredUs / row.requiredUs : null),
              cell: (row) => <Meter covered={row.coveredUs} required={row.requiredUs} />,
            },
            {
              name: "status",
              label: t("cases.status"),
              className: "nowrap",
              cell: (row) => <StatusTag status={row.status} />,
            },
            {
              name: "findings",
              label: t("cases.findings"),
              cell: (row) => (
                <span className="tags">
                  {row.codes.map(({ code, severity }) => (
                    <span key={code} className={`tag severity-${severity}`}>
                      {word("codes", code)}
                    </span>
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </>
  );
}
