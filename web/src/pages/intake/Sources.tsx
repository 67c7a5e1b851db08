// Where footage comes from: what each store held when it was last gone through.

import { useSources } from "../../api/queries.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { bytes, exactMoment, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";

export function Sources() {
  const { t } = useWords();
  return (
    <Panel title={t("intake.sources")}>
      <Reading of={useSources()}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof ingest" />
          ) : found.sources.length === 0 ? (
            <p className="quiet">{t("intake.sources_none")}</p>
          ) : (
            <DataTable
              label={t("intake.sources")}
              rows={found.sources}
              rowKey={(source) => source.store}
              columns={[
                {
                  name: "store",
                  label: t("recording.store"),
                  heads: true,
                  className: "key",
                  cell: (source) => <code>{source.url ?? source.store}</code>,
                },
                {
                  name: "objects",
                  label: t("intake.objects"),
                  numeric: true,
                  cell: (source) => number(source.objects),
                },
                {
                  name: "quarantined",
                  label: t("intake.quarantined"),
                  numeric: true,
                  cell: (source) => (source.quarantined ? `⚠ ${number(source.quarantined)}` : "0"),
                },
                { name: "gone", label: t("intake.gone"), numeric: true, cell: (source) => number(source.gone ?? 0) },
                {
                  name: "size",
                  label: t("intake.size"),
                  numeric: true,
                  className: "nowrap",
                  cell: (source) => (source.size_bytes === undefined ? "–" : bytes(source.size_bytes)),
                },
                {
                  name: "last",
                  label: t("intake.last_pass"),
                  className: "nowrap figure",
                  cell: (source) => {
                    const at = source.last_pass_at ?? source.last_observed_at;
                    return at ? exactMoment(at) : "–";
                  },
                },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
