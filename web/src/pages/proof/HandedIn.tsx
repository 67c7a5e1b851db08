// A proof that somebody brings as a file: worked through here like one of our own. What it rests on is its checkpoint,
// which is compared with the one that the person kept.

import { useState } from "react";
import type { ProofFile } from "../../api/types.ts";
import { Drop } from "../../components/Drop.tsx";
import { Panel } from "../../components/Panel.tsx";
import { useWords } from "../../words/index.ts";
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
  return (
    <Panel title={t("proof.handed_in")}>
      <p className="quiet">{t("proof.handed_in_lead")}</p>
      <Drop
        label={t("proof.handed_in_drop")}
        accept=".json"
        choose={(file) => {
          if (file) void file.text().then((text) => setShown({ name: file.name, file: readProof(text) }));
        }}
      />
      <div role="status">
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
    </Panel>
  );
}
