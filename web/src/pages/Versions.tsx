// What became of an object: every version of its bytes and every reading of it, with the digest of each. Nothing here is
// ever rewritten; bytes that changed are a next version beside the first.

import { useVersions } from "../api/queries.ts";
import { DataTable } from "../components/DataTable.tsx";
import { Panel } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { bytes, exactMoment, length } from "../format.ts";
import { useWords } from "../words/index.ts";

export function Versions({ id }: { id: string | undefined }) {
  const { t, language } = useWords();
  const versions = useVersions(id);
  if (id === undefined) return null;
  return (
    <Panel title={t("recording.custody")}>
      <Reading of={versions}>
        {(found) =>
          found === null ? (
            <p className="quiet">{t("recording.custody_not_in_build")}</p>
          ) : (
            <DataTable
              label={t("recording.custody")}
              rows={[...found.readings].reverse()}
              rowKey={(one) => `${one.version} ${one.reading}`}
              columns={[
                {
                  name: "version",
                  label: t("system.version"),
                  heads: true,
                  className: "nowrap",
                  cell: (one) => (
                    <>
                      {t("recording.reading", { version: one.version, reading: one.reading })}{" "}
                      {one.present ? <span className="tag status-complete">✓ {t("recording.present")}</span> : null}
                      {found.alterations.some((altered) => altered.version === one.version) ? (
                        <span className="tag severity-missing">⚠ {t("recording.altered")}</span>
                      ) : null}
                      {one.quarantined ? (
                        <span className="tag severity-missing">⚠ {t("recordings.quarantined")}</span>
                      ) : null}
                    </>
                  ),
                },
                {
                  name: "observed",
                  label: t("recording.observed"),
                  className: "nowrap figure",
                  cell: (one) => exactMoment(one.observed_at),
                },
                {
                  name: "written",
                  label: t("recording.written"),
                  className: "nowrap figure",
                  cell: (one) => (one.written_at ? exactMoment(one.written_at) : "–"),
                },
                {
                  name: "size",
                  label: t("recordings.size"),
                  numeric: true,
                  className: "nowrap",
                  cell: (one) => bytes(one.size_bytes),
                },
                {
                  name: "length",
                  label: t("recordings.length"),
                  numeric: true,
                  className: "nowrap",
                  cell: (one) => (one.duration_us === null ? "–" : length(one.duration_us, language)),
                },
                {
                  name: "sha256",
                  label: "SHA-256",
                  cell: (one) => <code title={one.sha256}>{one.sha256.slice(0, 16)}…</code>,
                },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
