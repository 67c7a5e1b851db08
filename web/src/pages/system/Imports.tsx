// Taking in what should exist: a file is dropped, read without changing anything, shown with what is new, changed and
// wrong; only then is it taken in, all rows or none.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Select } from "antd";
import { useRef, useState } from "react";
import { Failure, address, newIntent, write, type RowProblem } from "../../api/client.ts";
import type { ImportAnswer } from "../../api/types.ts";
import { say } from "../../app/Said.tsx";
import { useAddress } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Drop } from "../../components/Drop.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Save } from "../../components/Save.tsx";
import { Refused } from "../../components/Refused.tsx";
import { Loading } from "../../components/State.tsx";
import { bytes, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";
import { zh } from "../../words/zh.ts";

type Kind = keyof typeof zh.import_kinds;
const KINDS = Object.keys(zh.import_kinds) as Kind[];

export default function Imports() {
  const { t, word, language } = useWords();
  const { read, write: note } = useAddress();
  const kind = (KINDS as string[]).includes(read("kind")) ? (read("kind") as Kind) : "cases";
  return (
    <Panel title={t("imports.title")}>
      <p className="quiet">{t("imports.lead")}</p>
      <div className="filters">
        <Select
          aria-label={t("imports.kind")}
          className="filter wide"
          value={kind}
          onChange={(chosen: string) => note({ kind: chosen })}
          options={KINDS.map((one) => ({ value: one, label: word("import_kinds", one) }))}
        />
        <span className="quiet small">
          {t("imports.columns")} <code>{zh.import_columns[kind]}</code>
        </span>
        <Save
          url={address(`imports/${kind}/template`, { lang: language })}
          name={`${kind}.${kind === "areas" ? "geojson" : "csv"}`}
        >
          {t("imports.template")}
        </Save>
      </div>
      <One key={kind} kind={kind} />
    </Panel>
  );
}

const send = (kind: Kind, file: File, preview: boolean, intent: string) =>
  write<ImportAnswer>("POST", address(`imports/${kind}`, { preview: preview ? "true" : null }), { file, intent });

function One({ kind }: { kind: Kind }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const intent = useRef("");
  const preview = useMutation({ mutationFn: (chosen: File) => send(kind, chosen, true, newIntent()) });
  const taken = useMutation({
    mutationFn: (chosen: File) => send(kind, chosen, false, intent.current),
    onSuccess: (answer) => {
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      say(t("imports.taken", { n: number(answer.rows ?? 0) }));
      setFile(null);
      preview.reset();
    },
  });
  const choose = (chosen: File | undefined) => {
    if (!chosen) return;
    intent.current = newIntent();
    taken.reset();
    setFile(chosen);
    preview.mutate(chosen);
  };
  const wrong = problemsOf(preview.error) ?? problemsOf(taken.error) ?? preview.data?.problems ?? [];
  const refused = [preview.error, taken.error].find((error) => error && problemsOf(error) === null);
  return (
    <>
      <Drop label={t("imports.drop")} accept=".csv,.xlsx,.json,.geojson" choose={choose} />
      {file ? (
        <p className="figure">
          <b>{file.name}</b> <span className="quiet">{bytes(file.size)}</span>
        </p>
      ) : null}
      {preview.isPending ? <Loading what={t("imports.reading")} /> : null}
      <Refused error={refused} />
      {wrong.length ? <Wrong problems={wrong} total={preview.data?.problems_total ?? wrong.length} /> : null}
      {file && preview.data && wrong.length === 0 ? (
        <Changes answer={preview.data}>
          <Button
            type="primary"
            loading={taken.isPending}
            disabled={(preview.data.new ?? 0) + (preview.data.changed ?? 0) === 0}
            onClick={() => taken.mutate(file)}
          >
            {t("imports.take")}
          </Button>
          <Button
            onClick={() => {
              setFile(null);
              preview.reset();
            }}
          >
            {t("form.cancel")}
          </Button>
        </Changes>
      ) : null}
    </>
  );
}

function problemsOf(error: unknown): RowProblem[] | null {
  return error instanceof Failure && error.problem?.problems?.length ? error.problem.problems : null;
}

function Wrong({ problems, total }: { problems: RowProblem[]; total: number }) {
  const { t, either } = useWords();
  return (
    <div role="alert">
      <Alert type="error" showIcon title={t("imports.wrong", { n: total })} description={t("imports.wrong_how")} />
      <DataTable
        label={t("imports.wrong", { n: total })}
        rows={problems}
        rowKey={(problem) => `${problem.row} ${problem.column} ${problem.detail}`}
        columns={[
          { name: "row", label: t("imports.row"), heads: true, numeric: true, cell: (problem) => problem.row ?? "–" },
          { name: "column", label: t("imports.column"), cell: (problem) => problem.column ?? "–" },
          {
            name: "detail",
            label: t("imports.what"),
            cell: (problem) => either(problem.detail_zh ?? problem.detail, problem.detail),
          },
        ]}
      />
    </div>
  );
}

function Changes({ answer, children }: { answer: ImportAnswer; children: React.ReactNode }) {
  const { t } = useWords();
  const counts = (["new", "changed", "unchanged"] as const).map((name) => [name, answer[name] ?? 0] as const);
  const sample = (answer.sample ?? []).map((row, index) => ({ row, index }));
  const fields = [...new Set(sample.flatMap(({ row }) => Object.keys(row)))];
  return (
    <div className="import-changes">
      <ul className="chips" aria-label={t("imports.would")}>
        <li className="tag">{t("imports.rows", { n: number(answer.rows ?? 0) })}</li>
        {counts.map(([name, count]) => (
          <li key={name} className={`tag change-${name}`}>
            {CHANGE_SIGNS[name]} {t(`imports.${name}`)} {number(count)}
          </li>
        ))}
      </ul>
      {sample.length ? (
        <>
          <p className="quiet">{t("imports.sample", { n: sample.length })}</p>
          <DataTable
            label={t("imports.sample", { n: sample.length })}
            rows={sample}
            rowKey={({ index }) => String(index)}
            columns={fields.map((name, at) => ({
              name,
              label: <code>{name}</code>,
              heads: at === 0,
              cell: ({ row }: { row: Record<string, unknown>; index: number }) => cell(row[name]),
            }))}
          />
        </>
      ) : null}
      {(answer.new ?? 0) + (answer.changed ?? 0) === 0 ? <p className="hint">{t("imports.nothing_new")}</p> : null}
      <p className="row">{children}</p>
    </div>
  );
}

const CHANGE_SIGNS = { new: "＋", changed: "～", unchanged: "＝" } as const;

const cell = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
