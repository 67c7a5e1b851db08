// That the log of today begins with the one that somebody kept a checkpoint of.

import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useId, useState } from "react";
import { address, get } from "../../api/client.ts";
import type { ConsistencyProof, LogNow } from "../../api/types.ts";
import { Panel } from "../../components/Panel.tsx";
import { Refused } from "../../components/Refused.tsx";
import { number } from "../../format.ts";
import { continues, readCheckpoint } from "../../proof/merkle.ts";
import { useWords } from "../../words/index.ts";

export function Consistency({ log }: { log: LogNow }) {
  const { t } = useWords();
  const id = useId();
  const [text, setText] = useState("");
  const kept = readCheckpoint(text.trim());
  const check = useMutation({
    mutationFn: async (earlier: { origin: string; size: number; root: string }) => {
      if (earlier.origin !== log.log || earlier.size > log.size) return { holds: false, size: earlier.size };
      if (earlier.size === 0) return { holds: true, size: 0 };
      const proof = await get<ConsistencyProof>(address("log/consistency", { from: earlier.size, to: log.size }));
      // The roots are the kept one and the one of this page, whatever the answer says they are.
      const holds = continues(earlier, { size: log.size, root: log.root }, proof.proof);
      return { holds, size: earlier.size };
    },
  });
  return (
    <Panel title={t("proof.consistency")}>
      <p className="quiet">{t("proof.consistency_lead")}</p>
      <div className="form-field">
        <label htmlFor={id}>{t("proof.earlier")}</label>
        <textarea
          id={id}
          rows={5}
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            check.reset();
          }}
        />
      </div>
      {text.trim() && !kept ? <p className="field-error">⚠ {t("proof.no_note")}</p> : null}
      <Button disabled={!kept} loading={check.isPending} onClick={() => kept && check.mutate(kept)}>
        {t("proof.compare")}
      </Button>
      <div role="status">
        {check.data ? (
          <p className={check.data.holds ? "tag status-complete" : "tag severity-missing"}>
            {check.data.holds ? `✓ ${t("proof.continues", { n: number(check.data.size) })}` : `✕ ${t("proof.breaks")}`}
          </p>
        ) : null}
      </div>
      <Refused error={check.error} />
    </Panel>
  );
}
