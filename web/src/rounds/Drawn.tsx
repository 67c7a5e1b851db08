// What was drawn, in the order of drawing, with why each was; and what people did with it since.

import { Button } from "antd";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { useAudit, useReview } from "../api/queries.ts";
import type { DrawItem, Round } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Panel } from "../components/Panel.tsx";
import { StatusTag } from "../components/Tags.tsx";
import { moment } from "../format.ts";
import { useWords } from "../words/index.ts";
import { ItemForm, type ItemAct } from "./ItemForms.tsx";
import { isOfStages, itemPath } from "./items.ts";

interface Props {
  round: Round;
  unitName: (code: string) => string;
}

export function Drawn({ round, unitName }: Props) {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const may = useMay();
  const [act, setAct] = useState<ItemAct | null>(null);
  const stages = round.frozen.kind === "recordings";
  const audit = useAudit(round.frozen.base_month, stages);
  const review = useReview(round.id, stages);
  const judged = new Map(audit.data?.obligations.map((obligation) => [obligation.id, obligation]) ?? []);
  // Whoever is to judge an item apart does not learn here what the machine says of it.
  const hidden = new Set(review.data?.items.filter((item) => item.machine_hidden).map((item) => item.item));
  const skipped = new Set(round.acts.filter((one) => one.kind !== "extra").map((one) => one.item));
  const at = (item: DrawItem) => {
    const { path, stage } = itemPath(item.id, round.id);
    return link(path, { stage, round: round.id });
  };
  const status = (item: DrawItem) => {
    if (audit.isPending || review.isPending) return <span className="quiet">…</span>;
    if (hidden.has(item.id)) return <span className="quiet">{t("review.hidden")}</span>;
    const one = judged.get(item.id);
    return one ? <StatusTag status={one.status} /> : <span className="quiet">{t("round.not_judged")}</span>;
  };
  return (
    <Panel
      title={`${t(isOfStages(round.id) ? "round.drawn" : "round.drawn_cases")} (${round.draw!.items.length})`}
      aside={
        may("rounds") ? <Button onClick={() => setAct({ kind: "extra" })}>{t("round.extra_title")}…</Button> : null
      }
    >
      <DataTable
        label={t("round.drawn")}
        rows={round.draw!.items}
        oneLine
        rowKey={(item) => item.id}
        open={(item) => void navigate(at(item))}
        columns={[
          { name: "order", label: t("round.order"), numeric: true, cell: (item) => item.order },
          {
            name: "item",
            label: t("round.item"),
            heads: true,
            className: "nowrap",
            cell: (item) => <Link to={at(item)}>{item.id}</Link>,
          },
          { name: "kind", label: t("recording.kind"), cell: (item) => word("kinds", judged.get(item.id)?.kind) },
          { name: "unit", label: t("round.unit"), className: "nowrap", cell: (item) => unitName(item.unit) },
          {
            name: "reason",
            label: t("round.reason"),
            className: "nowrap",
            cell: (item) => word("draw_reasons", item.reason),
          },
          {
            name: "ticket",
            label: t("round.ticket"),
            cell: (item) => <code title={item.ticket}>{item.ticket.slice(0, 16)}…</code>,
          },
          ...(stages ? [{ name: "status", label: t("round.status"), className: "nowrap", cell: status }] : []),
          ...(may("rounds")
            ? [
                {
                  name: "acts",
                  label: t("form.acts"),
                  className: "nowrap no-print",
                  cell: (item: DrawItem) =>
                    skipped.has(item.id) ? (
                      <span className="tag">{t("round.left_out")}</span>
                    ) : (
                      <>
                        <button type="button" className="link" onClick={() => setAct({ kind: "skip", id: item.id })}>
                          {t("round.skip_title")}
                        </button>{" "}
                        <button
                          type="button"
                          className="link"
                          onClick={() => setAct({ kind: "substitute", id: item.id })}
                        >
                          {t("round.substitute_title")}
                        </button>
                      </>
                    ),
                },
              ]
            : []),
        ]}
      />
      {act ? <ItemForm round={round} act={act} close={() => setAct(null)} /> : null}
    </Panel>
  );
}

/** What people did with a drawn round, each with its reason. */
export function Changes({ round }: { round: Round }) {
  const { t, word, and, colon } = useWords();
  return (
    <Panel title={t("round.changes")}>
      {round.acts.length === 0 ? (
        <p className="quiet">{t("round.no_changes")}</p>
      ) : (
        <ul className="plain">
          {round.acts.map((act, index) => (
            <li key={index}>
              <span className="figure">{moment(act.at)}</span> <b>{word("acts", act.kind)}</b> {act.item}
              {act.taken.length ? ` → ${act.taken.join(and)}` : ""}{" "}
              <span className="quiet">
                {act.who}
                {colon}
                {act.why}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
