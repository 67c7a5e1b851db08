// 案件: the cases of a month with what is wrong with them. The service filters and sorts; both stand in the address.

import { Button, Checkbox, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { useCases, useOverview, type Query } from "../api/queries.ts";
import type { CaseLine } from "../api/types.ts";
import { casePath, useAddress, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Export } from "../components/Export.tsx";
import { Filters } from "../components/Filters.tsx";
import { More } from "../components/Pages.tsx";
import { PageHead } from "../components/Panel.tsx";
import { Empty, Failed, Loading } from "../components/State.tsx";
import { Meter, SIGNS, STATUSES, StatusTag } from "../components/Tags.tsx";
import { moment, number } from "../format.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";

const FILTERS = ["status", "unit", "finding", "kind", "q", "drawn"] as const;

/** The gravest first, unless somebody asks for another order. */
const USUAL_ORDER = "-status";

export default function Cases() {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const month = useMonth();
  const { read, write } = useAddress();
  const filter = Object.fromEntries(FILTERS.map((name) => [name, read(name)])) as Record<
    (typeof FILTERS)[number],
    string
  >;
  const order = read("sort") || USUAL_ORDER;
  const query: Query = { ...filter, q: filter.q.trim(), drawn: filter.drawn ? "true" : "", month, sort: order };
  const pages = useCases(query);
  const overview = useOverview(month);
  const units = new Map(overview.data?.audit?.units.map((unit) => [unit.unit ?? "?", unit.name ?? unit.unit ?? "?"]));
  const codes = Object.keys(overview.data?.audit?.totals.findings ?? {});
  const drawn = new Set(overview.data?.round?.draw?.items.map((item) => item.id.slice(0, item.id.lastIndexOf("/"))));
  const [typed, setTyped] = useState(filter.q);
  // The address may change by other hands than those at the field.
  useEffect(() => setTyped(filter.q), [filter.q]);
  useEffect(() => {
    if (typed === filter.q) return;
    const wait = setTimeout(() => write({ q: typed }), 250);
    return () => clearTimeout(wait);
  }, [typed, filter.q, write]);
  const any = FILTERS.some((name) => filter[name]);
  const clear = () => write(Object.fromEntries(FILTERS.map((name) => [name, ""])));
  const at = (row: CaseLine) =>
    link(casePath(row.case_no), filter.finding && filter.finding !== "any" ? { finding: filter.finding } : {});
  const said = {
    [t("cases.status")]: filter.status && word("status", filter.status),
    [t("cases.unit")]: units.get(filter.unit) ?? filter.unit,
    [t("cases.findings")]:
      filter.finding === "any" ? t("cases.any_finding") : filter.finding && word("codes", filter.finding),
    [t("cases.stages")]: filter.kind && word("kinds", filter.kind),
    [t("cases.search")]: filter.q,
    [t("cases.drawn_only")]: filter.drawn && "✓",
  };
  const first = pages.data?.pages[0];
  const rows = pages.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <>
      <PageHead title={t("cases.title")}>
        <span className="quiet" role="status">
          {!first
            ? ""
            : first.matching === first.all
              ? t("cases.count", { n: number(first.all) })
              : t("cases.count_of", { n: number(first.matching), all: number(first.all) })}
        </span>
        {first?.matching ? <Export list="cases" query={query} pages={pages} /> : null}
      </PageHead>
      <Filters said={said}>
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
            ...Object.keys(zh.kinds).map((kind) => ({ value: kind, label: word("kinds", kind) })),
          ]}
        />
        <Input
          type="search"
          className="search"
          aria-label={t("cases.search")}
          placeholder={t("cases.search")}
          value={typed}
          allowClear
          onChange={(event) => setTyped(event.target.value)}
        />
        <Checkbox
          checked={filter.drawn === "1"}
          onChange={(event) => write({ drawn: event.target.checked ? "1" : "" })}
        >
          {t("cases.drawn_only")}
        </Checkbox>
        {any ? (
          <Button type="link" onClick={clear}>
            {t("cases.clear")}
          </Button>
        ) : null}
      </Filters>
      {pages.isError && !first ? (
        <Failed error={pages.error} retry={() => void pages.refetch()} />
      ) : !first ? (
        <Loading what={t("state.judging")} />
      ) : rows.length === 0 ? (
        <Empty title={first.all ? t("cases.none") : t("cases.empty")}>
          {any ? <Button onClick={clear}>{t("cases.clear")}</Button> : null}
        </Empty>
      ) : (
        <>
          <DataTable
            label={t("cases.title")}
            rows={rows}
            total={first.matching}
            busy={pages.isPlaceholderData}
            rowKey={(row) => row.case_no}
            order={order}
            onOrder={(sort) => write({ sort })}
            open={(row) => void navigate(at(row))}
            columns={[
              {
                name: "case",
                label: t("cases.case_no"),
                heads: true,
                className: "nowrap",
                sort: "case_no",
                cell: (row) => (
                  <>
                    <Link to={at(row)}>{row.case_no}</Link>
                    {drawn.has(row.case_no) ? <span className="tag drawn">{t("cases.drawn")}</span> : null}
                  </>
                ),
              },
              { name: "title", label: t("cases.subject"), cell: (row) => row.title || "–" },
              {
                name: "unit",
                label: t("cases.unit"),
                className: "nowrap",
                sort: "unit",
                cell: (row) => units.get(row.unit) ?? row.unit,
              },
              {
                name: "procedure",
                label: t("cases.procedure"),
                className: "nowrap",
                sort: "procedure",
                cell: (row) => word("procedures", row.procedure),
              },
              {
                name: "filed",
                label: t("cases.filed"),
                className: "nowrap figure",
                sort: "filed_at",
                cell: (row) => (row.filed_at ? moment(row.filed_at) : "–"),
              },
              {
                name: "stages",
                label: t("cases.stages"),
                numeric: true,
                sort: "stages",
                cell: (row) => row.obligations,
              },
              {
                name: "coverage",
                label: t("cases.coverage"),
                sort: "coverage",
                cell: (row) => <Meter covered={row.covered_us} required={row.required_us} />,
              },
              {
                name: "status",
                label: t("cases.status"),
                className: "nowrap",
                sort: "status",
                cell: (row) => <StatusTag status={row.status} />,
              },
              {
                name: "findings",
                label: t("cases.findings"),
                sort: "findings",
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
          <More of={pages} />
        </>
      )}
    </>
  );
}
