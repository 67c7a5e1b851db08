// Visits of supervisors to units. One that found nothing is kept like one that did (监督留痕).

import { Button } from "antd";
import { useState } from "react";
import { address, write } from "../api/client.ts";
import { useUnits, useVisits } from "../api/queries.ts";
import { useMay } from "../app/rights.ts";
import { DataTable } from "../components/DataTable.tsx";
import { FormDialog, asShanghai, listOf } from "../components/FormDialog.tsx";
import { Panel } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { span } from "../format.ts";
import { useWords } from "../words/index.ts";

export function Visits() {
  const { t, and, also } = useWords();
  const may = useMay();
  const [order, setOrder] = useState("");
  const [adding, setAdding] = useState(false);
  const units = useUnits();
  const names = new Map(units.data?.units.map((unit) => [unit.code, unit.name]));
  return (
    <Panel
      title={t("visits.title")}
      aside={may("visits") ? <Button onClick={() => setAdding(true)}>{t("visits.add")}…</Button> : null}
    >
      <Reading of={useVisits({ sort: order || "-number" })}>
        {({ visits }) =>
          visits.length === 0 ? (
            <p className="quiet">{t("visits.none")}</p>
          ) : (
            <DataTable
              label={t("visits.title")}
              rows={visits}
              order={order}
              onOrder={setOrder}
              rowKey={(visit) => String(visit.number)}
              columns={[
                {
                  name: "at",
                  label: t("visits.at"),
                  sort: "starts_at",
                  heads: true,
                  className: "nowrap figure",
                  cell: (visit) => span(visit.starts_at, visit.ends_at),
                },
                {
                  name: "unit",
                  label: t("round.unit"),
                  sort: "unit",
                  cell: (visit) => names.get(visit.unit) ?? visit.unit,
                },
                { name: "who", label: t("visits.supervisors"), cell: (visit) => visit.supervisors.join(and) },
                {
                  name: "where",
                  label: t("visits.way"),
                  className: "nowrap",
                  cell: (visit) => t(visit.on_site ? "visits.on_site" : "visits.online"),
                },
                {
                  name: "found",
                  label: t("visits.found"),
                  cell: (visit) => (visit.found.length ? `⚠ ${visit.found.join(also)}` : `✓ ${t("visits.nothing")}`),
                },
                { name: "note", label: t("form.note"), cell: (visit) => visit.note },
              ]}
            />
          )
        }
      </Reading>
      {adding ? (
        <FormDialog
          title={t("visits.add")}
          lead={<p>{t("visits.lead")}</p>}
          fields={[
            {
              name: "unit",
              label: t("round.unit"),
              kind: units.data ? "select" : "text",
              required: true,
              options: units.data?.units.map((unit) => ({ value: unit.code, label: unit.name })),
            },
            { name: "from", label: t("visits.from"), kind: "datetime", required: true },
            { name: "to", label: t("visits.to"), kind: "datetime", required: true },
            { name: "with", label: t("visits.with"), required: true, hint: t("visits.with_hint") },
            {
              name: "online",
              label: t("visits.way"),
              kind: "select",
              required: true,
              initial: "no",
              options: [
                { value: "no", label: t("visits.on_site") },
                { value: "yes", label: t("visits.online") },
              ],
            },
            { name: "note", label: t("visits.looked_at"), kind: "area", required: true },
            { name: "found", label: t("visits.found"), kind: "area", hint: t("visits.found_hint") },
          ]}
          submit={t("visits.add")}
          said={t("form.recorded")}
          close={() => setAdding(false)}
          send={(values, intent) =>
            write("POST", address("visits"), {
              body: {
                unit: values.unit,
                from: asShanghai(values.from ?? ""),
                to: asShanghai(values.to ?? ""),
                with: listOf(values.with ?? ""),
                online: values.online === "yes",
                note: values.note,
                found: (values.found ?? "").split("\n").filter((line) => line.trim()),
              },
              intent,
            })
          }
        />
      ) : null}
    </Panel>
  );
}
