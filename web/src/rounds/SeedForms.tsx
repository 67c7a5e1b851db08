// What is done with a seed: announced, so that the schedule draws with it; drawn with at once; or, for a reason that
// stays on record, drawn with anew.

import { address, key, write } from "../api/client.ts";
import type { Round } from "../api/types.ts";
import { FormDialog, filled } from "../components/FormDialog.tsx";
import { inLanguage } from "../words/inLanguage.ts";
import { useWords } from "../words/index.ts";

export type SeedAct = "seed" | "draw" | "redraw";

export function SeedForm({
  round,
  act,
  close,
  drawn,
}: {
  round: Round;
  act: SeedAct;
  close: () => void;
  drawn: () => void;
}) {
  const { t, language, colon } = useWords();
  const at = (path: string) => address(`rounds/${key(round.id)}/${path}`);
  return (
    <FormDialog
      title={t(`round.${act}_title`)}
      lead={
        <>
          <p>{t(`round.${act}_lead`)}</p>
          <p>
            <b>{t("round.seed_source")}</b>
            {colon}
            {inLanguage(round.frozen.seed_source, language)}
          </p>
          <p className="digest">
            {t("rounds.digest")} <code>{round.frame_sha256}</code>
          </p>
        </>
      }
      submit={t(`round.${act}_submit`)}
      said={t(`round.${act}_said`)}
      close={close}
      fields={[
        { name: "seed", label: t("rounds.seed"), required: true, hint: t("round.seed_exact") },
        { name: "reason", label: t("form.reason"), kind: "area", required: true, when: () => act === "redraw" },
      ]}
      send={(values, intent) => write("POST", at(act), { body: filled(values), intent })}
      done={act === "seed" ? undefined : drawn}
    />
  );
}
