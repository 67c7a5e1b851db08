// The draw, so that a room can watch it: the frame that was published, the seed, each ticket computed here and
// now, the tickets sorted, and the line. It only replays: what was drawn stands in the catalog.

import { Button } from "antd";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Round } from "../api/types.ts";
import { number } from "../format.ts";
import { inLanguage } from "../words/inLanguage.ts";
import { useWords } from "../words/index.ts";
import { byTicket, differing, missingFromCore, ticketOf, type Ticket } from "./draw.ts";

const STEPS = ["step_frame", "step_seed", "step_tickets", "step_sort", "step_line"] as const;

/** How long each step stands before the next. */
const STANDS_MS = 3_500;
/** The computing of tickets is spread over this time, so that a room can follow it. */
const COMPUTES_MS = 4_000;

export function Show({
  round,
  unitName,
  close,
}: {
  round: Round;
  unitName: (code: string) => string;
  close: () => void;
}) {
  const { t, word, language } = useWords();
  const draw = round.draw!;
  const [step, setStep] = useState(0);
  const [running, setRunning] = useState(false);
  const [computed, setComputed] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const { tickets, sorted } = useMemo(() => {
    const all: Ticket[] = round.frozen.frame.items.map((item) => ({
      id: item.id,
      unit: item.unit,
      ticket: ticketOf(draw.seed, item.id),
    }));
    return { tickets: all, sorted: [...all].sort(byTicket) };
  }, [round, draw]);
  const wrong = [...differing(tickets, draw.items), ...missingFromCore(sorted, round)];
  const reasons = new Map(draw.items.map((item) => [item.id, item.reason]));
  const core = round.frozen.plan.core;

  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  useEffect(() => {
    if (!running) return;
    if (step === 2 && computed < tickets.length) {
      const at_once = Math.max(1, Math.ceil(tickets.length / (COMPUTES_MS / 50)));
      const wait = setTimeout(() => setComputed(Math.min(tickets.length, computed + at_once)), 50);
      return () => clearTimeout(wait);
    }
    if (step === STEPS.length - 1) {
      setRunning(false);
      return;
    }
    const wait = setTimeout(() => setStep(step + 1), step === 2 ? 1_200 : STANDS_MS);
    return () => clearTimeout(wait);
  }, [running, step, computed, tickets.length]);
  const goTo = (to: number) => {
    setRunning(false);
    setStep(to);
    setComputed(to > 2 ? tickets.length : 0);
  };
  const rows = step < 3 ? tickets : sorted;
  return (
    <dialog ref={dialog} className="show" onClose={close} aria-label={t("show.title")}>
      <header>
        <h2>
          {t("show.title")} · {round.id}
        </h2>
        <div className="row">
          <Button
            type="primary"
            size="large"
            onClick={() => {
              if (step === STEPS.length - 1) goTo(0);
              setRunning(!running || step === STEPS.length - 1);
            }}
          >
            {running
              ? t("show.pause")
              : step === STEPS.length - 1
                ? t("show.again")
                : step === 0 && computed === 0
                  ? t("show.start")
                  : t("show.resume")}
          </Button>
          <Button size="large" onClick={() => dialog.current?.close()}>
            {t("show.close")}
          </Button>
        </div>
      </header>
      <ol className="show-steps">
        {STEPS.map((name, index) => (
          <li key={name}>
            <button type="button" aria-current={index === step ? "step" : undefined} onClick={() => goTo(index)}>
              {t(`show.${name}`)}
            </button>
          </li>
        ))}
      </ol>
      <div className="show-words" aria-live="polite">
        {step === 0 ? (
          <>
            <p>{t("show.frame", { n: number(tickets.length) })}</p>
            <p className="digest">
              <code>SHA-256 {round.frame_sha256}</code>
            </p>
          </>
        ) : null}
        {step === 1 ? (
          <>
            <p className="show-seed">{t("show.seed", { seed: draw.seed })}</p>
            <p>{inLanguage(round.frozen.seed_source, language)}</p>
          </>
        ) : null}
        {step === 2 ? (
          <>
            <p>{t("show.tickets")}</p>
            <p className="figure">{t("show.computed", { n: number(computed), all: number(tickets.length) })}</p>
          </>
        ) : null}
        {step === 3 ? <p>{t("show.sorted")}</p> : null}
        {step === 4 ? (
          <>
            <p>{t("show.line", { n: core })}</p>
            <p className={wrong.length ? "tag severity-missing" : "tag status-complete"}>
              {wrong.length
                ? `✕ ${t("show.disagrees", { items: wrong.join(", ") })}`
                : `✓ ${t("show.agrees", { n: draw.items.length })}`}
            </p>
          </>
        ) : null}
      </div>
      <ol className={`show-list step-${step}`} tabIndex={0} aria-label={t("round.drawn")}>
        {rows.map((row, index) => {
          const reason = reasons.get(row.id);
          const hit = step === 4 && reason !== undefined;
          const ticketShown = step > 2 || (step === 2 && index < computed);
          return (
            <li key={row.id} className={hit ? "hit" : undefined}>
              <span className="figure quiet">{index + 1}</span>
              <b>{row.id}</b>
              <span>{unitName(row.unit)}</span>
              <code>{ticketShown ? row.ticket.slice(0, 16) : "················"}</code>
              {hit ? (
                <span className="tag status-complete">
                  ✓{" "}
                  {reason === "core"
                    ? word("draw_reasons", "core")
                    : t("show.quota", { reason: word("draw_reasons", reason) })}
                </span>
              ) : (
                <span />
              )}
              {step === 4 && index === core - 1 ? <span className="show-line">{t("show.core_line")}</span> : null}
            </li>
          );
        })}
      </ol>
    </dialog>
  );
}
