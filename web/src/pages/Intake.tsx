// 接入: what is stored and from where, what could not be read and why, and what is still only on a device, with the time
// left. It changes by itself while footage is taken in.

import { Link } from "react-router";
import { useOverview } from "../api/queries.ts";
import type { CatalogTotals } from "../api/types.ts";
import { useListening } from "../app/changes.ts";
import { useMay } from "../app/rights.ts";
import { useLink, useMonth } from "../app/where.ts";
import { PageHead } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { bytes, number } from "../format.ts";
import { useWords } from "../words/index.ts";
import { Quarantine } from "./intake/Quarantine.tsx";
import { Rescue } from "./intake/Rescue.tsx";
import { Schedule } from "./intake/Schedule.tsx";
import { Sources } from "./intake/Sources.tsx";

export default function Intake() {
  const { t } = useWords();
  const may = useMay();
  const month = useMonth();
  const overview = useOverview(month);
  const listening = useListening();
  return (
    <>
      <PageHead title={t("intake.title")}>
        <span className={listening === "on" ? "tag status-complete" : "tag"} role="status">
          {listening === "on" ? `● ${t("intake.live")}` : `○ ${t("intake.not_live")}`}
        </span>
      </PageHead>
      <Reading of={overview}>
        {({ catalog, month: shown }) => (
          <>
            <Stored catalog={catalog} />
            {may("whole") ? <Sources /> : null}
            {may("whole") ? <Rescue month={shown} /> : null}
          </>
        )}
      </Reading>
      <Quarantine />
      {may("whole") ? <Schedule /> : null}
    </>
  );
}

function Stored({ catalog }: { catalog: CatalogTotals }) {
  const { t } = useWords();
  const link = useLink();
  const tile = (name: string, figure: string, to?: string) =>
    to ? (
      <Link className="tile" to={to}>
        <span>{name}</span>
        <b>{figure}</b>
      </Link>
    ) : (
      <div className="tile">
        <span>{name}</span>
        <b>{figure}</b>
      </div>
    );
  return (
    <div className="tiles">
      {tile(t("intake.recordings"), number(catalog.recordings), link("/recordings", { quarantined: "false" }))}
      {tile(`⚠ ${t("intake.quarantined")}`, number(catalog.quarantined), link("/recordings", { quarantined: "true" }))}
      {tile(t("intake.sidecars"), number(catalog.sidecars))}
      {tile(t("intake.gone"), number(catalog.gone))}
      {tile(t("intake.size"), bytes(catalog.size_bytes))}
    </div>
  );
}
