// What a round comes to: the notices drafted from what it found, and the return, with the bound it allows, in every
// format, kept as a draft and as sent.

import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { address, key, write } from "../api/client.ts";
import { useNotices, useReport, useReturns } from "../api/queries.ts";
import type { ReturnEntry, Round } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { FormDialog } from "../components/FormDialog.tsx";
import { Panel } from "../components/Panel.tsx";
import { Reading } from "../components/State.tsx";
import { Save } from "../components/Save.tsx";
import { moment } from "../format.ts";
import { useWords } from "../words/index.ts";

const FORMATS = ["xlsx", "docx", "csv", "json"] as const;

export function RoundNotices({ round }: { round: Round }) {
  const { t, word } = useWords();
  const link = useLink();
  const may = useMay();
  const [drafting, setDrafting] = useState(false);
  const notices = useNotices();
  return (
    <Panel
      title={t("round.notices")}
      aside={may("notices") ? <Button onClick={() => setDrafting(true)}>{t("notices.draft_title")}…</Button> : null}
    >
      <Reading of={notices}>
        {({ notices: all }) => {
          const own = all.filter((notice) => notice.facts.some((fact) => fact.round === round.id));
          return own.length === 0 ? (
            <p className="quiet">{t("round.no_notices")}</p>
          ) : (
            <ul className="plain">
              {own.map((notice) => (
                <li key={notice.id}>
                  <Link to={link("/notices", { notice: String(notice.id) })}>
                    {word("notice_kinds", notice.kind)} {notice.standing.number ?? t("notices.draft")}
                  </Link>{" "}
                  {notice.unit_name} <span className="tag">{word("notice_states", notice.standing.state)}</span>
                </li>
              ))}
            </ul>
          );
        }}
      </Reading>
      {drafting ? <DraftForm round={round} close={() => setDrafting(false)} /> : null}
    </Panel>
  );
}

function DraftForm({ round, close }: { round: Round; close: () => void }) {
  const { t } = useWords();
  return (
    <FormDialog
      title={t("notices.draft_title")}
      lead={<p>{t("notices.draft_lead", { round: round.id })}</p>}
      fields={[]}
      submit={t("notices.draft_title")}
      said={t("notices.draft_said")}
      close={close}
      send={(_, intent) => write("POST", address("notices/drafts"), { body: { round: round.id }, intent })}
    />
  );
}

export function RoundReturn({ round }: { round: Round }) {
  const { t, either } = useWords();
  const may = useMay();
  const report = useReport(round.month);
  const [keeping, setKeeping] = useState(false);
  return (
    <Panel
      title={t("round.return_title")}
      aside={
        report.data && may("returns") ? (
          <Button type="primary" onClick={() => setKeeping(true)}>
            {t("round.keep")}…
          </Button>
        ) : null
      }
    >
      <Reading of={report} what={t("state.judging")}>
        {(found) => (
          <>
            <p className="sentence" lang="zh-CN">
              {found.sentence}
            </p>
            <p>{either(found.bounds.explanation_zh, found.bounds.explanation)}</p>
            <p className="row no-print">
              <span className="quiet">{t("round.download")}</span>
              {FORMATS.map((format) => (
                <Save
                  key={format}
                  url={address("report", { month: round.month, format })}
                  name={`return-${round.month}.${format}`}
                >
                  {format.toUpperCase()}
                </Save>
              ))}
            </p>
          </>
        )}
      </Reading>
      <Kept month={round.month} policy={round.policy} />
      {keeping ? (
        <FormDialog
          title={t("round.keep")}
          lead={<p>{t("round.keep_lead")}</p>}
          fields={[]}
          submit={t("round.keep")}
          said={t("round.kept_said")}
          close={() => setKeeping(false)}
          send={(_, intent) =>
            write("POST", address("returns"), { body: { month: round.month, policy: round.policy }, intent })
          }
        />
      ) : null}
    </Panel>
  );
}

/** The versions of a return that were kept, byte for byte. */
function Kept({ month, policy }: { month: string; policy: string }) {
  const { t, word } = useWords();
  const may = useMay();
  const returns = useReturns();
  const [sending, setSending] = useState<ReturnEntry | null>(null);
  const own = returns.data?.returns.filter((one) => one.month === month && one.policy === policy) ?? [];
  if (own.length === 0) return <p className="quiet">{t("round.none_kept")}</p>;
  return (
    <>
      <DataTable
        label={t("round.kept")}
        rows={[...own].reverse()}
        rowKey={(one) => `${one.state} ${one.version}`}
        columns={[
          {
            name: "version",
            label: t("system.version"),
            heads: true,
            className: "nowrap",
            cell: (one) => `${word("return_states", one.state)} ${t("recordings.version", { n: one.version })}`,
          },
          {
            name: "at",
            label: t("system.at"),
            className: "nowrap figure",
            cell: (one) => `${moment(one.at)} · ${one.by}`,
          },
          {
            name: "files",
            label: t("round.download"),
            className: "nowrap no-print",
            cell: (one) =>
              FORMATS.map((format) => (
                <Save
                  key={format}
                  url={address(`returns/${key(one.id)}/document.${format}`)}
                  name={`return-${one.month}-v${one.version}.${format}`}
                >
                  {format.toUpperCase()}
                </Save>
              )),
          },
          {
            name: "acts",
            label: t("form.acts"),
            className: "nowrap no-print",
            cell: (one) =>
              one.state === "draft" && may("returns") ? (
                <button type="button" className="link" onClick={() => setSending(one)}>
                  {t("round.sent_title")}
                </button>
              ) : null,
          },
        ]}
      />
      {sending ? (
        <FormDialog
          title={t("round.sent_title")}
          lead={<p>{t("round.sent_lead")}</p>}
          fields={[]}
          submit={t("round.sent_title")}
          said={t("form.recorded")}
          close={() => setSending(null)}
          send={(_, intent) => write("POST", address(`returns/${key(sending.id)}/sent`), { body: {}, intent })}
        />
      ) : null}
    </>
  );
}
