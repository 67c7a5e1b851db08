// The evidence bundle of a case, a round or a recording, for who may take one with them.

import { address } from "../api/client.ts";
import { useMay } from "../app/rights.ts";
import { useWords } from "../words/index.ts";
import { Save } from "./Save.tsx";

export function SaveBundle({ kind, id }: { kind: "case" | "round" | "recording"; id: string }) {
  const { t } = useWords();
  const may = useMay();
  if (!may("whole")) return null;
  return (
    <Save url={address(`bundles/${kind}/${encodeURIComponent(id)}`)} name={`${kind}.zip`} title={t("proof.bundle_how")}>
      {t("proof.bundle")}
    </Save>
  );
}
