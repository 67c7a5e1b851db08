// What holds of a bundle that somebody brings: the service takes it apart and compares it with itself, with no catalog.

import type { ProofReport } from "../../api/types.ts";
import { Copied } from "../../components/Copied.tsx";
import { Facts } from "../../components/Panel.tsx";
import { exactMoment, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";

export function BundleReport({ report }: { report: ProofReport }) {
  const { t, word } = useWords();
  const holds = report.faults.length === 0;
  return (
    <>
      <p className={holds ? "tag status-complete" : "tag severity-missing"}>
        {holds
          ? `✓ ${t("proof.bundle_holds", { n: number(report.entries) })}`
          : `✕ ${t("proof.bundle_fails", { n: number(report.faults.length) })}`}
      </p>
      {holds ? null : (
        <ul>
          {report.faults.map((fault) => (
            <li key={`${fault.code} ${fault.subject}`}>
              {t("proof.fault", { what: word("proof_faults", fault.code) })} <code>{fault.subject}</code>
            </li>
          ))}
        </ul>
      )}
      <Facts
        of={[
          [t("proof.origin"), <code key="o">{report.origin ?? "—"}</code>],
          [t("proof.checkpoint"), report.at ? exactMoment(report.at) : "—"],
          [t("proof.key"), report.key ? <Copied key="k" value={report.key} /> : "—"],
        ]}
      />
      <p className="quiet small">{t("proof.bundle_key")}</p>
    </>
  );
}
