// The policy in force and the others that are there: every figure with the clause it comes from, its words, and whether
// a public text confirms it.

import { Select } from "antd";
import { useOverview, usePolicies, usePolicy } from "../../api/queries.ts";
import type { PolicyFigure } from "../../api/types.ts";
import { useAddress, useMonth } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Facts, Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { length, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";

export default function Policies() {
  const { t } = useWords();
  const { read, write } = useAddress();
  const overview = useOverview(useMonth());
  const policies = usePolicies();
  const inForce = overview.data?.policy.name ?? "";
  const shown = read("policy") || inForce;
  return (
    <>
      <Panel title={t("system.policy")}>
        <Reading of={overview}>
          {({ policy, catalog }) => (
            <Facts
              of={[
                [t("system.name"), <code key="n">{policy.name}</code>],
                [t("system.district"), policy.district],
                [t("system.document"), `${policy.document}《${policy.title}》`],
                [
                  t("system.catalog"),
                  `${t("system.units")} ${number(catalog.units)} · ${t("system.officers")} ${number(catalog.officers)} · ${t("system.devices")} ${number(catalog.devices)} · ${t("system.cases")} ${number(catalog.cases)} · ${t("system.stages")} ${number(catalog.stages)}`,
                ],
              ]}
            />
          )}
        </Reading>
      </Panel>
      <Panel
        title={t("system.figures")}
        aside={
          policies.data ? (
            <Select
              aria-label={t("system.which_policy")}
              className="filter"
              value={shown}
              onChange={(policy: string) => write({ policy: policy === inForce ? null : policy })}
              options={policies.data.policies.map((one) => ({
                value: one.name,
                label: `${one.name} · ${one.district}${one.name === inForce ? ` · ${t("system.in_force")}` : ""}`,
              }))}
            />
          ) : null
        }
      >
        {shown ? <Figures name={shown} inForce={inForce} /> : null}
      </Panel>
    </>
  );
}

function Figures({ name, inForce }: { name: string; inForce: string }) {
  const { t } = useWords();
  const policy = usePolicy(name);
  return (
    <Reading of={policy}>
      {(found) =>
        found === null ? (
          name === inForce ? (
            <Unconfirmed />
          ) : (
            <NotOffered command={`reelproof policy show ${name}`} />
          )
        ) : (
          <>
            <p className="quiet">
              {t("system.figures_lead", { n: found.rules.length, unconfirmed: found.to_be_confirmed })}
            </p>
            <FigureTable figures={found.rules} />
          </>
        )
      }
    </Reading>
  );
}

function FigureTable({ figures }: { figures: PolicyFigure[] }) {
  const { t, either } = useWords();
  return (
    <DataTable
      label={t("system.figures")}
      rows={figures}
      rowKey={(figure) => figure.name}
      columns={[
        {
          name: "figure",
          label: t("system.figure"),
          heads: true,
          cell: (figure) => (
            <>
              {either(figure.says_zh, figure.says)}
              <div>
                <code className="quiet">{figure.name}</code>
              </div>
            </>
          ),
        },
        {
          name: "status",
          label: t("system.state"),
          className: "nowrap",
          cell: (figure) =>
            figure.status === "confirmed" ? (
              <span className="tag status-complete">✓ {t("system.confirmed")}</span>
            ) : (
              <span className="tag severity-irregular">？ {t("overview.to_confirm")}</span>
            ),
        },
        { name: "clause", label: t("system.clause"), cell: (figure) => <span lang="zh-CN">{figure.clause}</span> },
        { name: "words", label: t("system.words"), cell: (figure) => <span lang="zh-CN">{figure.words}</span> },
      ]}
    />
  );
}

/** Of a service that does not send whole policies: the figures that nobody confirmed. */
function Unconfirmed() {
  const { t, language } = useWords();
  const overview = useOverview(useMonth());
  const figures = overview.data?.audit?.to_be_confirmed ?? [];
  if (figures.length === 0) return <NotOffered command="reelproof policy show" />;
  return (
    <>
      <h3>{t("system.unconfirmed")}</h3>
      <p className="quiet">{t("system.unconfirmed_how")}</p>
      <DataTable
        label={t("system.unconfirmed")}
        rows={figures}
        rowKey={(figure) => figure.figure}
        columns={[
          { name: "figure", label: t("system.figure"), heads: true, cell: (figure) => <code>{figure.figure}</code> },
          {
            name: "value",
            label: t("system.value"),
            numeric: true,
            className: "nowrap",
            cell: (figure) => (figure.value_us === null ? "–" : length(figure.value_us, language)),
          },
          { name: "clause", label: t("system.clause"), cell: (figure) => figure.clause },
          { name: "words", label: t("system.words"), cell: (figure) => <span lang="zh-CN">{figure.words}</span> },
        ]}
      />
    </>
  );
}
