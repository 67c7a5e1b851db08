// What the schedule did by itself.

import { useSchedule } from "../../api/queries.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Reading } from "../../components/State.tsx";
import { moment } from "../../format.ts";
import { useWords } from "../../words/index.ts";

export function Schedule() {
  const { t, word, either } = useWords();
  return (
    <Panel title={t("intake.schedule")}>
      <Reading of={useSchedule()}>
        {({ steps }) =>
          steps.length === 0 ? (
            <p className="quiet">{t("intake.schedule_none")}</p>
          ) : (
            <DataTable
              label={t("intake.schedule")}
              rows={[...steps].reverse()}
              rowKey={(step) => `${step.month} ${step.policy} ${step.step} ${step.at}`}
              columns={[
                { name: "at", label: t("intake.at"), className: "nowrap figure", cell: (step) => moment(step.at) },
                {
                  name: "step",
                  label: t("intake.step"),
                  heads: true,
                  className: "nowrap",
                  cell: (step) => `${step.month} ${word("steps", step.step)}`,
                },
                {
                  name: "outcome",
                  label: t("intake.outcome"),
                  className: "nowrap",
                  cell: (step) => word("step_outcomes", step.outcome),
                },
                { name: "detail", label: t("intake.detail"), cell: (step) => either(step.detail_zh, step.detail) },
              ]}
            />
          )
        }
      </Reading>
    </Panel>
  );
}
