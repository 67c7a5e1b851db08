// Freezing a round: which month, under which policy, what is looked at, and how the seed will come about, which is
// announced with the digest and cannot be chosen afterwards.

import { useNavigate } from "react-router";
import { address, write } from "../api/client.ts";
import { useOverview, usePolicies } from "../api/queries.ts";
import { roundPath, useLink } from "../app/where.ts";
import { FormDialog, filled, type Values } from "../components/FormDialog.tsx";
import { nextMonth } from "../format.ts";
import { useWords } from "../words/index.ts";
import { zh } from "../words/zh.ts";

export function FreezeForm({ close }: { close: () => void }) {
  const { t, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const overview = useOverview(null);
  const policies = usePolicies();
  const policy = overview.data?.policy.name ?? "";
  const month = overview.data?.month;
  if (overview.isPending || policies.isPending) return null;
  const names = policies.data?.policies.map((one) => ({ value: one.name, label: `${one.name} · ${one.district}` }));
  return (
    <FormDialog
      title={t("rounds.freeze_new")}
      lead={<p>{t("rounds.freeze_lead")}</p>}
      submit={t("round.freeze")}
      said={t("rounds.frozen_now")}
      close={close}
      fields={[
        {
          name: "month",
          label: t("rounds.month"),
          kind: "month",
          required: true,
          initial: month ? nextMonth(month) : "",
          hint: t("rounds.month_hint"),
        },
        {
          name: "policy",
          label: t("rounds.policy"),
          kind: "select",
          required: true,
          initial: policy,
          options: names?.length ? names : [{ value: policy, label: policy }],
        },
        {
          name: "kind",
          label: t("recording.kind"),
          kind: "select",
          required: true,
          initial: "recordings",
          options: Object.keys(zh.rounds.kind).map((kind) => ({ value: kind, label: word("rounds.kind", kind) })),
        },
        { name: "seed_source", label: t("round.seed_source"), kind: "area", hint: t("rounds.seed_hint") },
      ]}
      send={(values: Values, intent) =>
        write<{ round?: string; id?: string }>("POST", address("rounds"), { body: filled(values), intent })
      }
      done={(round) => {
        const id = round.id ?? round.round;
        if (id) void navigate(link(roundPath(id)));
      }}
    />
  );
}
