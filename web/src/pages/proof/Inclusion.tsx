// That an entry is in the log: from what it says, step by step, to the root that was signed. Each hash is computed here.

import { useQuery } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useEffect, useState } from "react";
import { address, get } from "../../api/client.ts";
import type { ProofFile } from "../../api/types.ts";
import { useAddress } from "../../app/where.ts";
import { Panel } from "../../components/Panel.tsx";
import { Save } from "../../components/Save.tsx";
import { Failed, Loading } from "../../components/State.tsx";
import { leafHash, readCheckpoint, saltedDigest, stepsToRoot, type Checkpoint } from "../../proof/merkle.ts";
import { useWords } from "../../words/index.ts";

const proofAddress = (asked: string): string =>
  address("log/proof", /^\d+$/.test(asked) ? { entry: asked } : { object: asked });

export function Inclusion() {
  const { t } = useWords();
  const { read, write } = useAddress();
  const asked = read("of");
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  const proof = useQuery({
    queryKey: ["log", "proof", asked],
    enabled: asked !== "",
    queryFn: ({ signal }) => get<ProofFile>(proofAddress(asked), signal),
  });
  return (
    <Panel title={t("proof.inclusion")}>
      <p className="quiet">{t("proof.inclusion_lead")}</p>
      <form
        className="filters"
        onSubmit={(event) => {
          event.preventDefault();
          write({ of: typed.trim() });
        }}
      >
        <Input
          className="search"
          aria-label={t("proof.what")}
          placeholder={t("proof.what")}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="primary" htmlType="submit">
          {t("proof.prove")}
        </Button>
      </form>
      {asked === "" ? null : proof.isPending ? (
        <Loading />
      ) : proof.isError ? (
        <Failed error={proof.error} retry={() => void proof.refetch()} />
      ) : (
        <>
          <ShownProof file={proof.data} />
          <Save url={proofAddress(asked)} name={`proof-${asked.replace(/\W+/g, "_")}.json`}>
            {t("proof.save_proof")}
          </Save>
        </>
      )}
    </Panel>
  );
}

export function ShownProof({ file }: { file: ProofFile }) {
  const { t } = useWords();
  const checkpoint = readCheckpoint(file.checkpoint);
  if (!checkpoint) return <p className="field-error">✕ {t("proof.no_note")}</p>;
  return (
    <>
      {file.entries.map((entry, index) => (
        <details key={entry.index} open={index === 0} className="proof-entry">
          <summary>
            {t("proof.entry", { n: entry.index })} <Verdict entry={entry} checkpoint={checkpoint} />
          </summary>
          <Steps entry={entry} checkpoint={checkpoint} />
        </details>
      ))}
      <p className="quiet small">{t("proof.signature_note")}</p>
    </>
  );
}

type Entry = ProofFile["entries"][number];

function reaches(entry: Entry, checkpoint: Checkpoint): boolean {
  const leaf = leafHash(entry.record);
  const steps = stepsToRoot(entry.index, checkpoint.size, leaf, entry.proof);
  return steps !== null && (steps.at(-1)?.hash ?? leaf) === checkpoint.root;
}

function Verdict({ entry, checkpoint }: { entry: Entry; checkpoint: Checkpoint }) {
  const { t } = useWords();
  return reaches(entry, checkpoint) ? (
    <span className="tag status-complete">✓ {t("proof.reaches")}</span>
  ) : (
    <span className="tag severity-missing">✕ {t("proof.misses")}</span>
  );
}

/** Whether the row that is shown is the one that the record has the digests of. */
function rowMatches(entry: Entry): boolean | null {
  if (!entry.row) return null;
  try {
    const record = JSON.parse(entry.record) as { id: string; content: string };
    return (
      saltedDigest("id", entry.row.salt, entry.row.key) === record.id &&
      saltedDigest("content", entry.row.salt, entry.row.content) === record.content
    );
  } catch {
    return false;
  }
}

function Steps({ entry, checkpoint }: { entry: Entry; checkpoint: Checkpoint }) {
  const { t } = useWords();
  const leaf = leafHash(entry.record);
  const steps = stepsToRoot(entry.index, checkpoint.size, leaf, entry.proof) ?? [];
  const matches = rowMatches(entry);
  return (
    <ol className="proof-steps">
      {entry.row ? (
        <li>
          <b>{t("proof.row")}</b>
          <code>
            {entry.row.key} {entry.row.content}
          </code>
          <span className={matches ? "tag status-complete" : "tag severity-missing"}>
            {matches ? `✓ ${t("proof.row_matches")}` : `✕ ${t("proof.row_differs")}`}
          </span>
        </li>
      ) : null}
      <li>
        <b>{t("proof.record")}</b>
        <code>{entry.record}</code>
      </li>
      <li>
        <b>{t("proof.leaf")}</b>
        <code>SHA-256(00 ‖ …) = {leaf}</code>
      </li>
      {steps.map((step, index) => (
        <li key={index}>
          <b>{t("proof.step", { n: index + 1 })}</b>
          <code>
            SHA-256(01
            <br />‖ {step.left} {step.given === "left" ? `← ${t("proof.given")}` : `← ${t("proof.computed")}`}
            <br />‖ {step.right} {step.given === "right" ? `← ${t("proof.given")}` : `← ${t("proof.computed")}`})
            <br />= {step.hash}
          </code>
        </li>
      ))}
      <li>
        <b>{t("proof.root")}</b>
        <code>{checkpoint.root}</code>
        <Verdict entry={entry} checkpoint={checkpoint} />
      </li>
    </ol>
  );
}
