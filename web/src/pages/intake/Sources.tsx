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
              rowKey={(source) => source.url}
              columns={[
                {
                  name: "store",
                  label: t("recording.store"),
                  heads: true,
                  className: "key",
                  cell: (source) => <code>{source.url}</code>,
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
                { name: "gone", label: t("intake.gone"), numeric: true, cell: (source) => number(source.gone) },
                {
                  name: "size",
                  label: t("intake.size"),
                  numeric: true,
                  className: "nowrap",
                  cell: (source) => bytes(source.size_bytes),
                },
                {
                  name: "last",
                  label: t("intake.last_pass"),
                  className: "nowrap figure",
                  cell: (source) =>
                    source.last_pass ? (
                      <span title={t("intake.pass", { n: number(source.last_pass.objects) })}>
                        {exactMoment(source.last_pass.recorded_at)}
                      </span>
                    ) : (
                      <span className="quiet">{t("intake.no_pass")}</span>
                    ),
                },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
