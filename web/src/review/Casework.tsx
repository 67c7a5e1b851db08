// What was said of one item, in order; and what can be said next: a unit explains or appeals, and somebody who took no
// part so far decides.

import { Button } from "antd";
import { useState } from "react";
import { address, key, write } from "../api/client.ts";
import type { ReviewEvent, ReviewItem } from "../api/types.ts";
import { useMay } from "../app/rights.ts";
import { FormDialog } from "../components/FormDialog.tsx";
import { Panel } from "../components/Panel.tsx";
import { moment, place } from "../format.ts";
import { isOfRecordings } from "../rounds/items.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";
import { OUTCOMES } from "./verdict.ts";

type Open = "explanation" | "appeal" | "decision" | null;

export function Casework({ round, item }: { round: string; item: ReviewItem }) {
  const { t, word } = useWords();
  const may = useMay();
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  // A decision is final.
  const settled = item.state === "settled";
  const undecided = item.state === "disagreed" || item.state === "appealed";
  return (
    <Panel
      title={t("review.said_so_far")}
      aside={
        <>
          {may("answer") ? <Button onClick={() => setOpen("explanation")}>{t("review.explain")}…</Button> : null}
          {may("answer") && settled ? <Button onClick={() => setOpen("appeal")}>{t("review.appeal")}…</Button> : null}
          {may("decide") && undecided ? (
            <Button type="primary" onClick={() => setOpen("decision")}>
              {t("review.decide")}…
            </Button>
          ) : null}
        </>
      }
    >
      {undecided ? <p className="hint">{t(`review.${item.state as "disagreed" | "appealed"}_how`)}</p> : null}
      {item.verdicts_hidden ? (
        <p className="quiet">{t("review.hidden")}</p>
      ) : item.events.length === 0 ? (
        <p className="quiet">{t("review.nothing_said")}</p>
      ) : (
        <ol className="history">
          {item.events.map((event) => (
            <Said key={event.number} event={event} />
          ))}
        </ol>
      )}
      {open === "explanation" || open === "appeal" ? (
        <FormDialog
          title={`${word("statements", open)} · ${item.item}`}
          lead={<p>{t(`review.${open}_lead`)}</p>}
          fields={[{ name: "text", label: t("review.words"), kind: "area", required: true }]}
          submit={t("form.send")}
          said={t("form.recorded")}
          close={close}
          send={({ text }, intent) =>
            write("POST", address(`rounds/${key(round)}/statements`), {
              body: { item: item.item, kind: open, text },
              intent,
            })
          }
        />
      ) : null}
      {open === "decision" ? <Decision round={round} item={item} close={close} /> : null}
    </Panel>
  );
}

function Said({ event }: { event: ReviewEvent }) {
  const { t, word } = useWords();
  const what = event.act === "statement" ? word("statements", event.statement) : word("review_acts", event.act);
  return (
    <li>
      <span className="figure quiet">{moment(event.at)}</span> <b>{what}</b> {event.by}
      {event.granted === undefined || event.granted === null ? null : (
        <span className="tag">{t(event.granted ? "review.granted" : "review.rejected")}</span>
      )}
      {event.outcome ? <span className="tag">{word("outcomes", event.outcome)}</span> : null}
      {event.codes?.map((code) => (
        <span key={code} className="tag">
          {word("codes", code)}
        </span>
      ))}
      {event.moments?.map((one, index) => (
        <span key={index} className="tag" title={one.object_key}>
          {place(one.at_us)}
        </span>
      ))}
      {event.text || event.note ? <div>{event.text ?? event.note}</div> : null}
    </li>
  );
}

function Decision({ round, item, close }: { round: string; item: ReviewItem; close: () => void }) {
  const { t, word } = useWords();
  const appealed = item.state === "appealed";
  return (
    <FormDialog
      title={`${t("review.decide")} · ${item.item}`}
      lead={<p>{t("review.decide_lead")}</p>}
      fields={[
        {
          name: "appeal",
          label: t("review.on_appeal"),
          kind: "select",
          required: true,
          when: () => appealed,
          options: [
            { value: "grant", label: t("review.granted") },
            { value: "reject", label: t("review.rejected") },
          ],
        },
        {
          name: "decision",
          label: t("review.outcome"),
          kind: "select",
          required: true,
          options: OUTCOMES.map((one) => ({ value: one, label: word("outcomes", one) })),
        },
        {
          name: "codes",
          label: t("review.which_problems"),
          kind: "many",
          required: true,
          when: (values) => values.decision === "irregular" && isOfRecordings(round),
          options: Object.keys(zh.codes).map((code) => ({ value: code, label: word("codes", code) })),
        },
        { name: "note", label: t("form.reason"), kind: "area", required: true },
      ]}
      submit={t("review.decide")}
      said={t("form.recorded")}
      close={close}
      send={({ appeal, decision, codes, note }, intent) =>
        write("POST", address(`rounds/${key(round)}/decisions`), {
          body: {
            id: item.item,
            ...(appeal ? { granted: appeal === "grant" } : {}),
            decision,
            codes: codes ? codes.split(",") : [],
            note,
          },
          intent,
        })
      }
    />
  );
}
