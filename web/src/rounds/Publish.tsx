// What was frozen and made public: the digest, how the seed comes about, what has to be drawn under which clause; and,
// once the seed is there, the draw.

import { Button } from "antd";
import { useState } from "react";
import { address, key } from "../api/client.ts";
import type { Round } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { Copied } from "../components/Copied.tsx";
import { DataTable } from "../components/DataTable.tsx";
import { Facts, Panel } from "../components/Panel.tsx";
import { SaveBundle } from "../components/SaveBundle.tsx";
import { moment, number } from "../format.ts";
import { inLanguage } from "../words/inLanguage.ts";
import { useWords } from "../words/index.ts";
import { SeedForm, type SeedAct } from "./SeedForms.tsx";

export function Publish({ round, drawn }: { round: Round; drawn: () => void }) {
  const { t, language } = useWords();
  const may = useMay();
  const [act, setAct] = useState<SeedAct | null>(null);
  const { frozen, draw } = round;
  return (
    <Panel
      title={t("round.publish")}
      aside={
        draw && may("rounds") ? <Button onClick={() => setAct("redraw")}>{t("round.redraw_title")}…</Button> : null
      }
    >
      <Facts
        of={[
          [t("rounds.frozen"), moment(round.frozen_at)],
          [t("rounds.digest"), <Copied key="d" value={round.frame_sha256} />],
          [t("round.seed_source"), inLanguage(frozen.seed_source, language)],
          ...(draw
            ? ([
                [t("rounds.seed"), <code key="s">{draw.seed}</code>],
                [t("rounds.drawn"), moment(round.drawn_at ?? round.frozen_at)],
              ] as [string, React.ReactNode][])
            : []),
        ]}
      />
      {draw ? (
        <p className="row no-print">
          <a href={address(`rounds/${key(round.id)}/export`)} download={`round-${round.month}.json`}>
            {t("round.export")}
          </a>
          <a href="/verify_draw.html" target="_blank" rel="noreferrer">
            {t("round.verify")}
          </a>
          <SaveBundle kind="round" id={round.id} />
        </p>
      ) : (
        <div className="hint">
          <b>{t("round.not_drawn")}</b>
          <p>{t("round.not_drawn_how")}</p>
          <p>
            {t("round.will_need", {
              items: number(frozen.items_required),
              units: number(frozen.units_required),
              frame: number(frozen.frame_size),
            })}
          </p>
          {may("rounds") ? (
            <p className="row">
              <Button type="primary" onClick={() => setAct("draw")}>
                {t("round.draw_title")}…
              </Button>
              <Button onClick={() => setAct("seed")}>{t("round.seed_title")}…</Button>
            </p>
          ) : null}
        </div>
      )}
      {act ? <SeedForm round={round} act={act} close={() => setAct(null)} drawn={drawn} /> : null}
    </Panel>
  );
}

export function Quotas({ round }: { round: Round }) {
  const { t, either } = useWords();
  const { frozen } = round;
  return (
    <Panel
      title={t("round.quotas")}
      aside={
        <span className={frozen.feasible ? "tag status-complete" : "tag severity-missing"}>
          {frozen.feasible ? `✓ ${t("round.feasible")}` : `✕ ${t("round.infeasible")}`}
        </span>
      }
    >
      <DataTable
        label={t("round.quotas")}
        rows={frozen.plan.quotas}
        rowKey={(quota) => quota.rule}
        columns={[
          {
            name: "rule",
            label: t("round.rule"),
            heads: true,
            cell: (quota) => frozen.sources[quota.rule]?.words ?? quota.rule,
          },
          {
            name: "clause",
            label: t("round.clause"),
            className: "nowrap",
            cell: (quota) => (
              <>
                {frozen.sources[quota.rule]?.clause}
                {frozen.sources[quota.rule]?.status === "confirmed" ? null : (
                  <span className="tag">{t("overview.to_confirm")}</span>
                )}
              </>
            ),
          },
          { name: "need", label: t("round.need"), numeric: true, cell: (quota) => quota.need },
          { name: "draw", label: t("round.to_draw"), numeric: true, cell: (quota) => quota.to_draw },
        ]}
      />
      <details open={!round.draw}>
        <summary>{t("round.words")}</summary>
        <p>{either(frozen.explanation_zh, frozen.explanation)}</p>
      </details>
    </Panel>
  );
}
