// A proof or a bundle that somebody brings as a file. A proof is worked through here like one of our own; what it rests on is
// its checkpoint, which is compared with the one that the person kept. A bundle is taken apart by the service, which
// keeps nothing of it.

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { address, request } from "../../api/client.ts";
import type { ProofFile, ProofReport } from "../../api/types.ts";
import { Drop } from "../../components/Drop.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Refused } from "../../components/Refused.tsx";
import { Loading } from "../../components/State.tsx";
import { useWords } from "../../words/index.ts";
import { BundleReport } from "./BundleReport.tsx";
import { ShownProof } from "./Inclusion.tsx";

/** The proof in a text; `null` if it holds none. */
export function readProof(text: string): ProofFile | null {
  try {
    const file = JSON.parse(text) as Partial<ProofFile>;
    const whole =
      typeof file.checkpoint === "string" &&
      Array.isArray(file.entries) &&
      file.entries.length > 0 &&
      file.entries.every(
        (entry) =>
          Number.isSafeInteger(entry.index) &&
          typeof entry.record === "string" &&
          Array.isArray(entry.proof) &&
          entry.proof.every((hash) => /^[0-9a-f]{64}$/.test(hash)),
      );
    return whole ? (file as ProofFile) : null;
  } catch {
    return null;
  }
}

export function HandedIn() {
  const { t } = useWords();
  const [shown, setShown] = useState<{ name: string; file: ProofFile | null } | null>(null);
  const bundle = useMutation({
    mutationFn: async (file: File) =>
      (await (await request("POST", address("log/verify"), { file })).json()) as ProofReport,
  });
  const take = (file: File) => {
    bundle.reset();
    setShown(null);
    if (/\.zip$/i.test(file.name)) bundle.mutate(file);
    else void file.text().then((text) => setShown({ name: file.name, file: readProof(text) }));
  };
  return (
    <Panel title={t("proof.handed_in")}>
      <p className="quiet">{t("proof.handed_in_lead")}</p>
      <Drop
        label={t("proof.handed_in_drop")}
        accept=".json,.zip"
        choose={(file) => {
          if (file) take(file);
        }}
      />
      <div role="status">
        {bundle.isPending ? <Loading /> : null}
        {bundle.data ? (
          <>
            <p>
              <b>{bundle.variables.name}</b>
            </p>
            <BundleReport report={bundle.data} />
          </>
        ) : null}
        {shown ? (
          <>
            <p>
              <b>{shown.name}</b>
            </p>
            {shown.file ? (
              <ShownProof file={shown.file} />
            ) : (
              <p className="field-error">⚠ {t("proof.handed_in_none")}</p>
            )}
          </>
        ) : null}
      </div>
      <Refused error={bundle.error} />
    </Panel>
  );
}
