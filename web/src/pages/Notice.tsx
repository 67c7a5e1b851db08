// One notice: as it will be printed, what happened to it, and what can be done with it next.

import { Button } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { address, write } from "../api/client.ts";
import { useNotices } from "../api/queries.ts";
import type { Notice as Document } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { useLink } from "../app/where.ts";
import { FormDialog, filled, type FieldSpec } from "../components/FormDialog.tsx";
import { PageHead, Panel } from "../components/Panel.tsx";
import { Save } from "../components/Save.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { day, lastDay, moment } from "../format.ts";
import { itemPath } from "../rounds/items.ts";
import { useWords } from "../words/index.ts";

type Act = "issue" | "reply" | "close" | "withdraw";

/** What can be done with a notice that stands like this. */
const NEXT: Record<string, readonly Act[]> = {
  draft: ["issue", "withdraw"],
  issued: ["reply", "withdraw"],
  escalated: ["reply", "withdraw"],
  replied: ["close", "reply", "withdraw"],
};

export default function Notice() {
  const { id = "" } = useParams();
  const { t } = useWords();
  return (
    <Reading of={useNotices()}>
      {({ notices }) => {
        const notice = notices.find((one) => String(one.id) === id);
        return notice ? <One key={notice.id} notice={notice} /> : <Empty heads title={t("notices.not_there")} />;
      }}
    </Reading>
  );
}

function One({ notice }: { notice: Document }) {
  const { t, word } = useWords();
  const link = useLink();
  const may = useMay();
  const [act, setAct] = useState<Act | null>(null);
  const { standing } = notice;
  const number = standing.number ?? t("notices.draft");
  const acts = (NEXT[standing.state] ?? []).filter((one) => (one === "reply" ? may("answer") : may("notices")));
  return (
    <>
      <PageHead
        title={`${word("notice_kinds", notice.kind)} ${number}`}
        back={
          <Link className="back no-print" to={link("/notices")}>
            ← {t("notices.back")}
          </Link>
        }
      >
        <span className="tag">{word("notice_states", standing.state)}</span>
        {standing.late ? <span className="tag late">⚠ {t("notices.late")}</span> : null}
        <span className="row no-print">
          {acts.map((one, index) => (
            <Button key={one} type={index === 0 ? "primary" : "default"} onClick={() => setAct(one)}>
              {t(`notices.${one}_title`)}…
            </Button>
          ))}
          <Button onClick={() => print()}>{t("notices.print")}</Button>
          <Save url={address(`notices/${notice.id}/document.docx`)} name={`${number}.docx`}>
            {t("notices.word")}
          </Save>
        </span>
      </PageHead>
      <div className="notice-page">
        <Paper notice={notice} />
        <Panel title={t("notices.history")} className="no-print">
          <ol className="history">
            {notice.events.map((event, index) => (
              <li key={index}>
                <span className="figure quiet">{moment(event.at)}</span> <b>{word("notice_acts", event.act)}</b>{" "}
                {event.by}
                {event.text || event.note || event.reason ? (
                  <div>{event.text ?? event.note ?? event.reason}</div>
                ) : null}
              </li>
            ))}
          </ol>
          <h3>{t("notices.about")}</h3>
          <ul className="plain">
            {notice.facts.map((fact) => {
              const { path, stage } = itemPath(fact.item, fact.round);
              return (
                <li key={`${fact.round} ${fact.item}`}>
                  <Link to={link(path, { stage, round: fact.round })}>{fact.item}</Link>
                </li>
              );
            })}
          </ul>
        </Panel>
      </div>
      {act ? <ActForm notice={notice} act={act} close={() => setAct(null)} /> : null}
    </>
  );
}

/** The text of the notice, as it stands on paper. It is Chinese whatever the page's language is. */
function Paper({ notice }: { notice: Document }) {
  const { t } = useWords();
  const { standing } = notice;
  return (
    <article className="paper" lang="zh-CN" aria-label={t("notices.text")}>
      <p className="paper-issuer">{notice.issuer}</p>
      <h2>{KINDS[notice.kind] ?? notice.kind}</h2>
      <p className="paper-number">{standing.number ?? "（草稿，签发时编号）"}</p>
      <p>{notice.unit_name}：</p>
      <p className="paper-text">经抽查复核，发现你单位存在下列情况：</p>
      <ol>
        {notice.facts.map((fact) => (
          <li key={`${fact.round} ${fact.item}`}>{fact.text}</li>
        ))}
      </ol>
      <p className="paper-text">上述情况依据：{notice.clause}。</p>
      <p className="paper-text">{notice.demand}</p>
      <p className="paper-text">
        {standing.due_at
          ? `请于${dateZh(lastDay(standing.due_at))}前将落实情况书面回复我局。`
          : `请自收到之日起${notice.reply_days}日内将落实情况书面回复我局。`}
        {notice.reply_days_confirmed ? "" : "（该期限依据待核）"}
      </p>
      <p className="paper-sign">
        {notice.issuer}
        <br />
        {standing.issued_at ? dateZh(day(standing.issued_at)) : "    年  月  日"}
      </p>
      {notice.copies.length ? <p>抄送：{notice.copies.join("、")}</p> : null}
    </article>
  );
}

const KINDS: Record<string, string> = {
  reminder: "督察提醒单",
  inform: "督察告知单",
  supervise: "督办通知单",
  proposal: "执法监督建议书",
  decision: "执法监督决定书",
};

/** A day as papers write it: `2024年6月3日`. */
function dateZh(of: string): string {
  const [year, month, date] = of.split("-").map(Number);
  return `${year}年${month}月${date}日`;
}

function ActForm({ notice, act, close }: { notice: Document; act: Act; close: () => void }) {
  const { t } = useWords();
  const fields: Record<Act, FieldSpec[]> = {
    issue: notice.needs_approval
      ? [{ name: "approved", label: t("notices.approved"), required: true, hint: t("notices.approved_hint") }]
      : [],
    reply: [{ name: "text", label: t("notices.reply_words"), kind: "area", required: true }],
    close: [{ name: "note", label: t("form.reason"), kind: "area", required: true }],
    withdraw: [{ name: "reason", label: t("form.reason"), kind: "area", required: true }],
  };
  return (
    <FormDialog
      title={`${t(`notices.${act}_title`)} · ${notice.standing.number ?? t("notices.draft")}`}
      lead={<p>{t(`notices.${act}_lead`)}</p>}
      fields={fields[act]}
      submit={t(`notices.${act}_title`)}
      said={t("form.recorded")}
      close={close}
      send={(values, intent) => write("POST", address(`notices/${notice.id}/${act}`), { body: filled(values), intent })}
    />
  );
}
