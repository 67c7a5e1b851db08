// The review of one drawn stage, beside its footage, or of a drawn case: 1 to 4 choose, Ctrl and Enter send, J and K go on.

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Select } from "antd";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { address, key, write } from "../api/client.ts";
import type { ReviewItem, RoundReview } from "../api/types.ts";
import { useBadge } from "../app/rights.ts";
import { useLink } from "../app/where.ts";
import { Refused } from "../components/Refused.tsx";
import { place } from "../format.ts";
import { isOfRecordings, itemPath } from "../rounds/items.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";
import { OUTCOMES, hasJudged, lacking, mayJudge, next, type Outcome, type Verdict } from "./verdict.ts";

interface Props {
  review: RoundReview;
  item: ReviewItem;
  /** What the machine found, to begin with; empty where it is hidden. */
  codes?: string[];
  /** Where the player stands, in which recording; left out where nothing is played. */
  moment?: () => { object_key: string; at_us: number } | null;
}

export function VerdictBar({ review, item, codes: found = [], moment }: Props) {
  const { t, word } = useWords();
  const badge = useBadge();
  const link = useLink();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [codes, setCodes] = useState(found);
  const [note, setNote] = useState("");
  const [moments, setMoments] = useState<Verdict["moments"]>([]);
  const [tried, setTried] = useState(false);
  const may = mayJudge(item, badge);

  const goTo = (to: ReviewItem | null) => {
    if (!to) return;
    const { path, stage } = itemPath(to.item, review.round);
    void navigate(link(path, { stage, round: review.round }));
  };
  const send = useMutation({
    mutationFn: (verdict: Verdict) =>
      write<unknown>("POST", address(`rounds/${key(review.round)}/verdicts`), { body: verdict }),
    onSuccess: () =>
      Promise.all(["review", "agreement"].map((name) => client.invalidateQueries({ queryKey: [name, review.round] }))),
  });
  const ofRecordings = isOfRecordings(review.round);
  const lacks = lacking({ outcome, codes, note }, ofRecordings);
  const submit = () => {
    setTried(true);
    if (lacks === null && outcome !== null && !send.isPending) {
      send.mutate({
        item: item.item,
        outcome,
        codes: outcome === "irregular" && ofRecordings ? codes : [],
        note: note.trim(),
        moments,
      });
    }
  };
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (may && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        submit();
        return;
      }
      if (
        (event.target as Element).closest("input,textarea,select,dialog,[role=combobox]") ||
        event.ctrlKey ||
        event.metaKey ||
        event.altKey
      )
        return;
      const chosen = OUTCOMES[Number(event.key) - 1];
      if (may && chosen) setOutcome(chosen);
      else if (event.key === "j") goTo(next(review.items, item.item, badge, 1));
      else if (event.key === "k") goTo(next(review.items, item.item, badge, -1));
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  });

  const mark = () => {
    const here = moment?.();
    if (here) setMoments([...moments, here]);
  };
  return (
    <section className="panel verdict" aria-label={t("review.title")}>
      <div className="panel-head">
        <h2>
          {t("review.title")} · {item.item}
        </h2>
        <div className="panel-aside">
          <span className="tag">{item.blind ? t("review.blind") : t("review.joint")}</span>
          <span className="tag">{word("review_states", item.state)}</span>
          <span className="quiet">
            {t("review.place", {
              n: review.items.findIndex((one) => one.item === item.item) + 1,
              all: review.items.length,
            })}
          </span>
          <Button onClick={() => goTo(next(review.items, item.item, badge, -1))}>← K</Button>
          <Button onClick={() => goTo(next(review.items, item.item, badge, 1))}>J →</Button>
        </div>
      </div>
      {item.machine_hidden ? <p className="hint">{t("review.machine_hidden")}</p> : null}
      {send.isSuccess || hasJudged(item, badge) ? <Alert type="success" showIcon title={t("review.recorded")} /> : null}
      <Refused error={send.error} />
      {may ? (
        <div className="verdict-form">
          <div className="segments" role="group" aria-label={t("review.outcome")}>
            {OUTCOMES.map((one, index) => (
              <button key={one} type="button" aria-pressed={outcome === one} onClick={() => setOutcome(one)}>
                <kbd>{index + 1}</kbd> {word("outcomes", one)}
              </button>
            ))}
          </div>
          {outcome === "irregular" && ofRecordings ? (
            <Select
              mode="multiple"
              className="verdict-codes"
              aria-label={t("case.findings")}
              placeholder={t("case.findings")}
              value={codes}
              onChange={setCodes}
              options={Object.keys(zh.codes).map((code) => ({ value: code, label: word("codes", code) }))}
            />
          ) : null}
          <Input
            className="verdict-note"
            aria-label={t(ofRecordings ? "review.note" : "review.note_of_case")}
            placeholder={t(ofRecordings ? "review.note" : "review.note_of_case")}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {moment ? <Button onClick={mark}>{t("review.mark")}</Button> : null}
          {moments.map((one, index) => (
            <span key={index} className="tag" title={one.object_key}>
              {place(one.at_us)}
            </span>
          ))}
          <Button type="primary" onClick={submit} loading={send.isPending}>
            {t("review.send")}
          </Button>
          {tried && lacks ? (
            <span className="field-error" role="alert">
              ⚠ {t(`review.${lacks}` as "review.lacks_note")}
            </span>
          ) : null}
        </div>
      ) : (
        <p className="quiet">{badge === null ? t("review.no_badge") : t("review.no_seat")}</p>
      )}
      <p className="quiet small">{t("review.verdict_keys")}</p>
    </section>
  );
}
