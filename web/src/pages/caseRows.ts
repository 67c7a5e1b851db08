// The list of cases: what the catalog says of each, joined with what the audit found in its stages.

import { groupBy } from "../groupBy.ts";
import type { Audit, CaseLine, Obligation, Severity, Status } from "../api/types.ts";

export interface CaseRow {
  caseNo: string;
  title: string | null;
  unit: string;
  procedure: string;
  filedAt: string | null;
  status: Status | null;
  coveredUs: number;
  requiredUs: number;
  stages: Obligation[];
  codes: { code: string; severity: Severity }[];
  drawn: boolean;
  /** Everything that can be searched for, in small letters. */
  text: string;
}

export interface CaseFilter {
  status: string;
  unit: string;
  finding: string;
  kind: string;
  q: string;
  drawn: string;
}

const GRAVITY: Record<Severity, number> = { missing: 0, irregular: 1, notice: 2 };
const ORDER: Record<Status, number> = { missing: 0, partial: 1, excused: 2, complete: 3 };

/** The gravest first, then by number. */
export function caseRows(cases: CaseLine[], audit: Audit, drawn: Set<string>): CaseRow[] {
  const byCase = groupBy(audit.obligations, (obligation) => obligation.case_no);
  const rows = cases.map((line): CaseRow => {
    const stages = byCase.get(line.case_no) ?? [];
    const codes = new Map<string, Severity>();
    for (const finding of stages.flatMap((stage) => stage.findings)) {
      const known = codes.get(finding.code);
      if (!known || GRAVITY[finding.severity] < GRAVITY[known]) codes.set(finding.code, finding.severity);
    }
    return {
      caseNo: line.case_no,
      title: line.title,
      unit: line.unit,
      procedure: line.procedure,
      filedAt: line.filed_at,
      status: line.status,
      coveredUs: line.covered_us,
      requiredUs: line.required_us,
      stages,
      codes: [...codes]
        .map(([code, severity]) => ({ code, severity }))
        .sort((a, b) => GRAVITY[a.severity] - GRAVITY[b.severity]),
      drawn: stages.some((stage) => drawn.has(stage.id)),
      text: [
        line.case_no,
        line.title,
        ...stages.flatMap((stage) => [stage.id, stage.place, ...stage.officers, ...stage.recordings]),
      ]
        .join("\n")
        .toLowerCase(),
    };
  });
  const weight = (row: CaseRow) => (row.status ? ORDER[row.status] : 4) * 2 + (row.codes.length ? 0 : 1);
  return rows.sort((a, b) => weight(a) - weight(b) || (a.caseNo < b.caseNo ? -1 : 1));
}

/** Whether a case has a stage (or is itself) as the filter asks. What is asked of stages is asked of one stage. */
export function matches(row: CaseRow, filter: CaseFilter): boolean {
  if (filter.unit && row.unit !== filter.unit) return false;
  if (filter.drawn && !row.drawn) return false;
  if (filter.q.trim() && !row.text.includes(filter.q.trim().toLowerCase())) return false;
  if (!filter.status && !filter.kind && !filter.finding) return true;
  return row.stages.some(
    (stage) =>
      (!filter.status || stage.status === filter.status) &&
      (!filter.kind || stage.kind === filter.kind) &&
      (!filter.finding ||
        (filter.finding === "any"
          ? stage.findings.length > 0
          : stage.findings.some((finding) => finding.code === filter.finding))),
  );
}
