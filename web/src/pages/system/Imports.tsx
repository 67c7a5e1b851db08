// Taking in what should exist: a file is dropped, read without changing anything, shown with what is new, changed and
// wrong; only then is it taken in, all rows or none.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Select } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { Failure, address, newIntent, write, type RowProblem } from "../../api/client.ts";
import type { ImportAnswer } from "../../api/types.ts";
import { say } from "../../app/Said.tsx";
import { useAddress } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Refused } from "../../components/Refused.tsx";
import { Loading } from "../../components/State.tsx";
import { bytes, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";
import { zh } from "../../words/zh.ts";

type Kind = keyof typeof zh.import_kinds;
const KINDS = Object.keys(zh.import_kinds) as Kind[];

export default function Imports() {
  const { t, word } = useWords();
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
      say(t("imports.taken", { n: number(answer.rows) }));
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
      <Drop choose={choose} />
      {file ? (
        <p className="figure">
          <b>{file.name}</b> <span className="quiet">{bytes(file.size)}</span>
        </p>
      ) : null}
      {preview.isPending ? <Loading what={t("imports.reading")} /> : null}
      <Refused error={refused} />
      {wrong.length ? <Wrong problems={wrong} /> : null}
      {file && preview.data && wrong.length === 0 ? (
        <Changes answer={preview.data}>
          <Button
            type="primary"
            loading={taken.isPending}
            disabled={preview.data.new + preview.data.changed === 0}
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

/** Where a file is dropped; a button for those who do not drag. */
function Drop({ choose }: { choose: (file: File | undefined) => void }) {
  const { t } = useWords();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const hold = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={hold}
      onDragEnter={hold}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        choose(event.dataTransfer.files[0]);
      }}
    >
      <p>{t("imports.drop")}</p>
      <Button onClick={() => input.current?.click()}>{t("imports.choose")}</Button>
      <input
        ref={input}
        type="file"
        className="unseen"
        tabIndex={-1}
        aria-label={t("imports.choose")}
        accept=".csv,.xlsx,.json,.geojson"
        onChange={(event) => {
          choose(event.target.files?.[0]);
          // The same file again, mended, is a change too.
          event.target.value = "";
        }}
      />
    </div>
  );
}

function Wrong({ problems }: { problems: RowProblem[] }) {
  const { t, either } = useWords();
  return (
    <div role="alert">
      <Alert
        type="error"
        showIcon
        title={t("imports.wrong", { n: problems.length })}
        description={t("imports.wrong_how")}
      />
      <DataTable
        label={t("imports.wrong", { n: problems.length })}
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
  const { t, word } = useWords();
  const counts = (["new", "changed", "unchanged"] as const).map((name) => [name, answer[name]] as const);
  const fields = [...new Set(answer.sample.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== "row" && name !== "change",
  );
  return (
    <div className="import-changes">
      <ul className="chips" aria-label={t("imports.would")}>
        <li className="tag">{t("imports.rows", { n: number(answer.rows) })}</li>
        {counts.map(([name, count]) => (
          <li key={name} className={`tag change-${name}`}>
            {CHANGE_SIGNS[name]} {t(`imports.${name}`)} {number(count)}
          </li>
        ))}
      </ul>
      {answer.sample.length ? (
        <DataTable
          label={t("imports.sample")}
          rows={answer.sample}
          rowKey={(row) => JSON.stringify(row)}
          columns={[
            { name: "row", label: t("imports.row"), heads: true, numeric: true, cell: (row) => row.row ?? "–" },
            {
              name: "change",
              label: t("imports.change"),
              className: "nowrap",
              cell: (row) => (row.change ? word("imports", row.change) : "–"),
            },
            ...fields.map((name) => ({
              name,
              label: name,
              cell: (row: ImportAnswer["sample"][number]) => cell(row[name]),
            })),
          ]}
        />
      ) : null}
      {answer.new + answer.changed === 0 ? <p className="hint">{t("imports.nothing_new")}</p> : null}
      <p className="row">{children}</p>
    </div>
  );
}

const CHANGE_SIGNS = { new: "＋", changed: "～", unchanged: "＝" } as const;

const cell = (value: unknown): string =>
  value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value);
