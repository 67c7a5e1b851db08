// 抽查: the sampling rounds.

import { Button } from "antd";
import { Link, useNavigate } from "react-router";
import { useRounds } from "../api/queries.ts";
import { useMay } from "../app/rights.ts";
import { roundPath, useAddress, useLink } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { PageHead } from "../components/Panel.tsx";
import { Empty, Reading } from "../components/State.tsx";
import { moment, monthName } from "../format.ts";
import { FreezeForm } from "../rounds/FreezeForm.tsx";
import { useWords } from "../words/index.ts";

export default function Rounds() {
  const { t, language, word } = useWords();
  const link = useLink();
  const navigate = useNavigate();
  const may = useMay();
  const { read, write } = useAddress();
  return (
    <>
      <PageHead title={t("rounds.title")}>
        {may("rounds") ? (
          <Button type="primary" onClick={() => write({ freeze: "1" })}>
            {t("rounds.freeze_new")}…
          </Button>
        ) : null}
      </PageHead>
      <Reading of={useRounds({ sort: read("sort") || "-month" })}>
        {({ rounds }) =>
          rounds.length === 0 ? (
            <Empty title={t("rounds.none")}>
              <p>{t("rounds.none_how")}</p>
            </Empty>
          ) : (
            <DataTable
              label={t("rounds.title")}
              rows={rounds}
              order={read("sort")}
              onOrder={(sort) => write({ sort })}
              rowKey={(round) => round.id}
              open={(round) => void navigate(link(roundPath(round.id)))}
              columns={[
                {
                  name: "round",
                  label: t("rounds.round"),
                  sort: "round",
                  heads: true,
                  className: "nowrap",
                  cell: (round) => <Link to={link(roundPath(round.id))}>{round.id}</Link>,
                },
                {
                  name: "month",
                  label: t("rounds.month"),
                  sort: "month",
                  className: "nowrap",
                  cell: (round) => monthName(round.month, language),
                },
                {
                  name: "kind",
                  label: t("recording.kind"),
                  className: "nowrap",
                  cell: (round) => word("rounds.kind", round.id.split(":")[1] ?? "recordings"),
                },
                {
                  name: "frozen",
                  label: t("rounds.frozen"),
                  sort: "frozen_at",
                  className: "nowrap figure",
                  cell: (round) => moment(round.frozen_at),
                },
                {
                  name: "drawn",
                  label: t("rounds.drawn"),
                  sort: "drawn_at",
                  className: "nowrap figure",
                  cell: (round) =>
                    round.drawn_at ? moment(round.drawn_at) : <span className="tag">{t("rounds.not_drawn")}</span>,
                },
                {
                  name: "seed",
                  label: t("rounds.seed"),
                  cell: (round) => (round.seed ? <code>{round.seed}</code> : "–"),
                },
                {
                  name: "digest",
                  label: t("rounds.digest"),
                  cell: (round) => <code title={round.frame_sha256}>{round.frame_sha256.slice(0, 16)}…</code>,
                },
              ]}
            />
          )
        }
      </Reading>
      {read("freeze") && may("rounds") ? <FreezeForm close={() => write({ freeze: null })} /> : null}
    </>
  );
}
