// 核验: the log and its last signed root; proofs, computed in the page step by step; bundles; what is stored, read again.

import { useLog, useLogEntries } from "../../api/queries.ts";
import type { LogNow } from "../../api/types.ts";
import { useMay } from "../../app/rights.ts";
import { useAddress } from "../../app/where.ts";
import { Copied } from "../../components/Copied.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Facts, PageHead, Panel } from "../../components/Panel.tsx";
import { Empty, Reading } from "../../components/State.tsx";
import { exactMoment, number, shanghai } from "../../format.ts";
import { useWords } from "../../words/index.ts";
import { HandedIn } from "./HandedIn.tsx";
import { Consistency } from "./Consistency.tsx";
import { Inclusion } from "./Inclusion.tsx";
import { Fixity } from "./Fixity.tsx";
import { Retention } from "./Retention.tsx";

export default function Proof() {
  const { t } = useWords();
  const may = useMay();
  const log = useLog();
  return (
    <>
      <PageHead title={t("proof.title")}>
        <a href="/verify_draw.html" target="_blank" rel="noreferrer">
          {t("proof.offline")}
        </a>
      </PageHead>
      <p className="quiet">{t("proof.lead")}</p>
      <Reading of={log}>
        {(found) =>
          found === null ? (
            <Panel title={t("proof.state")}>
              <Empty title={t("proof.not_in_build")}>
                <p>{t("proof.not_in_build_how")}</p>
              </Empty>
            </Panel>
          ) : (
            <>
              <div className="two">
                <Now log={found} />
                <SignedRoot log={found} />
              </div>
              {may("whole") ? <Inclusion /> : null}
              <div className="two">
                <Consistency log={found} />
                <HandedIn />
              </div>
              <Latest log={found} />
            </>
          )
        }
      </Reading>
      {may("whole") ? <Fixity /> : null}
      {may("whole") ? <Retention /> : null}
    </>
  );
}

function Now({ log }: { log: LogNow }) {
  const { t } = useWords();
  return (
    <Panel title={t("proof.state")}>
      <Facts
        of={[
          [t("proof.origin"), <code key="o">{log.log}</code>],
          [t("proof.size"), <b key="s">{number(log.size)}</b>],
          [t("proof.begun"), exactMoment(log.begun_at)],
        ]}
      />
      <Facts
        of={[
          [t("proof.root"), <Copied key="r" value={log.root} />],
          ...log.keys.map((line, index): [React.ReactNode, React.ReactNode] => [
            `${t("proof.key")}${log.keys.length > 1 ? ` ${index + 1}` : ""}`,
            <Copied key={line.vkey} value={line.vkey} />,
          ]),
        ]}
      />
    </Panel>
  );
}

function SignedRoot({ log }: { log: LogNow }) {
  const { t } = useWords();
  const { checkpoint } = log;
  return (
    <Panel
      title={t("proof.checkpoint")}
      aside={
        checkpoint ? (
          <a href={`data:text/plain;charset=utf-8,${encodeURIComponent(checkpoint.note)}`} download="checkpoint.txt">
            {t("proof.save_checkpoint")}
          </a>
        ) : null
      }
    >
      {checkpoint ? (
        <>
          <p>
            <span className="figure">{exactMoment(checkpoint.at)}</span> · {t("proof.size")} {number(checkpoint.size)}
          </p>
          <pre className="note-text" tabIndex={0} aria-label={t("proof.checkpoint")}>
            {checkpoint.note}
          </pre>
          <p className="quiet">{t("proof.keep_apart")}</p>
        </>
      ) : (
        <p className="quiet">{t("proof.no_checkpoint")}</p>
      )}
    </Panel>
  );
}

function Latest({ log }: { log: LogNow }) {
  const { t, word } = useWords();
  const { write } = useAddress();
  const may = useMay();
  const entries = useLogEntries(log.size);
  if (log.size === 0) return null;
  return (
    <Panel title={t("proof.entries")}>
      <Reading of={entries}>
        {(rows) => (
          <DataTable
            label={t("proof.entries")}
            rows={rows}
            rowKey={(row) => String(row.index)}
            columns={[
              { name: "index", label: t("proof.number"), heads: true, numeric: true, cell: (row) => row.index },
              {
                name: "at",
                label: t("proof.at"),
                className: "nowrap figure",
                cell: (row) => exactMoment(shanghai(row.record.at_us / 1000)),
              },
              {
                name: "kind",
                label: t("proof.kind"),
                className: "nowrap",
                cell: (row) => <span title={row.record.kind}>{word("log_kinds", row.record.kind)}</span>,
              },
              {
                name: "leaf",
                label: t("proof.leaf"),
                cell: (row) => <code title={row.leaf_hash}>{row.leaf_hash.slice(0, 24)}…</code>,
              },
              ...(may("whole")
                ? [
                    {
                      name: "acts",
                      label: t("form.acts"),
                      className: "nowrap no-print",
                      cell: (row: { index: number }) => (
                        <button
                          type="button"
                          className="link"
                          onClick={() => {
                            write({ of: String(row.index) });
                            scrollTo({ top: 0 });
                          }}
                        >
                          {t("proof.show_proof")}
                        </button>
                      ),
                    },
                  ]
                : []),
            ]}
          />
        )}
      </Reading>
    </Panel>
  );
}
