// What people do with a drawn item: leave it out, put the next one in its place, take extra ones because of a risk, and
// give a reviewer's seat to somebody else. Each with its reason, which stays on record.

import { address, key, write } from "../api/client.ts";
import type { ReviewItem, Round } from "../api/types.ts";
import { FormDialog, filled, listOf } from "../components/FormDialog.tsx";
import { deadline } from "../format.ts";
import { useWords } from "../words/index.ts";

export type ItemAct = { kind: "skip" | "substitute"; id: string } | { kind: "extra" };

export function ItemForm({ round, act, close }: { round: Round; act: ItemAct; close: () => void }) {
  const { t } = useWords();
  const path = { skip: "skips", substitute: "substitutes", extra: "extras" }[act.kind];
  const id = "id" in act ? act.id : null;
  return (
    <FormDialog
      title={`${t(`round.${act.kind}_title`)}${id ? ` · ${id}` : ""}`}
      lead={<p>{t(`round.${act.kind}_lead`)}</p>}
      submit={t(`round.${act.kind}_title`)}
      said={t("form.recorded")}
      close={close}
      fields={[
        ...(id
          ? []
          : ([
              {
                name: "unit",
                label: t("round.unit"),
                kind: "select",
                required: true,
                options: round.frozen.frame.squads.map(({ unit, name }) => ({ value: unit, label: name })),
              },
              { name: "count", label: t("round.count"), kind: "number", required: true, initial: "1" },
            ] as const)),
        { name: "reason", label: t("form.reason"), kind: "area" as const, required: true },
      ]}
      send={({ count, ...values }, intent) =>
        write("POST", address(`rounds/${key(round.id)}/${path}`), {
          body: { ...(id ? { id } : {}), ...filled(values), ...(count ? { count: Number(count) } : {}) },
          intent,
        })
      }
    />
  );
}

/** Gives what nobody looks at yet to reviewers. */
export function AssignForm({ round, open, close }: { round: Round; open: number; close: () => void }) {
  const { t } = useWords();
  return (
    <FormDialog
      title={t("review.assign_title")}
      lead={<p>{t("review.assign_lead", { n: open })}</p>}
      submit={t("review.assign_submit")}
      said={t("review.assign_said")}
      close={close}
      fields={[{ name: "reviewers", label: t("review.reviewers"), kind: "area", hint: t("review.reviewers_hint") }]}
      send={({ reviewers = "" }, intent) =>
        write("POST", address(`rounds/${key(round.id)}/assignments`), {
          body: reviewers.trim() ? { reviewers: listOf(reviewers) } : {},
          intent,
        })
      }
    />
  );
}

export function ReassignForm({ round, item, close }: { round: Round; item: ReviewItem; close: () => void }) {
  const { t } = useWords();
  return (
    <FormDialog
      title={`${t("review.reassign_title")} · ${item.item}`}
      lead={<p>{t("review.reassign_lead")}</p>}
      submit={t("review.reassign_title")}
      said={t("form.recorded")}
      close={close}
      fields={[
        {
          name: "seat",
          label: t("review.seat"),
          kind: "select",
          required: true,
          options: item.seats.map((seat) => ({
            value: String(seat.seat),
            label: `${seat.seat} · ${seat.badge} · ${deadline(seat.due_at)}`,
          })),
        },
        { name: "to", label: t("review.successor"), required: true },
        { name: "reason", label: t("form.reason"), kind: "area", required: true },
      ]}
      send={({ seat, to, reason }, intent) =>
        write("POST", address(`rounds/${key(round.id)}/reassignments`), {
          body: { id: item.item, seat: Number(seat), to, reason },
          intent,
        })
      }
    />
  );
}
