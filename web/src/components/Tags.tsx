// Small signs. Colour is never the only one: each has its mark and its word.

import type { Finding, Status } from "../api/types.ts";
import { percent } from "../format.ts";
import { useWords } from "../words/index.ts";

export const STATUSES: readonly Status[] = ["missing", "partial", "excused", "complete"];
export const SIGNS: Record<Status, string> = { complete: "✓", partial: "◐", missing: "✕", excused: "ⓘ" };

export function StatusTag({ status }: { status: Status | null }) {
  const { t, word } = useWords();
  if (status === null) return <span className="quiet">{t("status.none")}</span>;
  return (
    <span className={`tag status-${status}`}>
      <span aria-hidden="true">{SIGNS[status]} </span>
      {word("status", status)}
    </span>
  );
}

export function Meter({ covered, required }: { covered: number; required: number }) {
  const share = required > 0 ? Math.min(1, covered / required) : 0;
  return (
    <span className="meter">
      <span className="meter-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="figure">{percent(covered, required)}</span>
    </span>
  );
}

const LEVEL_SIGNS = { none: "○", blue: "●", yellow: "▲", red: "◆" } as const;

export function LevelTag({ level }: { level: "none" | "blue" | "yellow" | "red" }) {
  const { word } = useWords();
  return (
    <span className={`tag level-${level}`}>
      <span aria-hidden="true">{LEVEL_SIGNS[level]} </span>
      {word("levels", level)}
    </span>
  );
}

export function CodeTag({ finding }: { finding: Pick<Finding, "code" | "severity"> }) {
  const { word } = useWords();
  return <span className={`tag severity-${finding.severity}`}>{word("codes", finding.code)}</span>;
}
