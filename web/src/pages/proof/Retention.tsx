// What of the footage must be kept and until when, what is locked, and what may go. Advice alone: nothing is deleted.

import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { useAdvised, useRetention } from "../../api/queries.ts";
import type { Advised, Amount, Retention as Sums } from "../../api/types.ts";
import { recordingPath } from "../../app/where.ts";
import { DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { bytes, day, exactMoment, number } from "../../format.ts";
import { useWords } from "../../words/index.ts";

const ADVICE = ["may_go", "locked", "keep"] as const;

export function Retention() {
  const { t } = useWords();
  const retention = useRetention();
  return (
    <Panel
      title={t("retention.title")}
      aside={
        retention.data ? (
          <span className="quiet">{t("fixity.as_of", { at: exactMoment(retention.data.as_of) })}</span>
        ) : null
      }
    >
      <p className="quiet">{t("retention.lead")}</p>
      <Reading of={retention}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof retention" />
          ) : found.months.length === 0 ? (
            <p className="quiet">{t("retention.nothing_held")}</p>
          ) : (
            <Held sums={found} />
          )
        }
      </Reading>
    </Panel>
  );
}

function Held({ sums }: { sums: Sums }) {
  const { t, word } = useWords();
  const [shown, setShown] = useState<string | null>(null);
  const amount = (of: Amount) => (of.recordings === 0 ? "0" : `${number(of.recordings)} (${bytes(of.bytes)})`);
  const months = [...sums.months].reverse();
  return (
    <>
      <p>
        {ADVICE.map((advice) => (
          <span key={advice} className="tag">
            {word("advice", advice)} {amount(sums.totals[advice])}
          </span>
        ))}
      </p>
      {sums.locks.length > 0 ? (
        <p className="quiet small">
          {t("retention.locks")}{" "}
          {sums.locks.map((one) => `${word("locks", one.lock)} ${number(one.recordings)}`).join(" · ")}
        </p>
      ) : null}
      <DataTable
        label={t("retention.by_month")}
        rows={months}
        rowKey={(one) => one.month ?? ""}
        columns={[
          {
            name: "month",
            label: t("retention.month"),
            heads: true,
            cell: (one) => one.month ?? t("retention.undated"),
          },
          ...ADVICE.map((advice) => ({
            name: advice,
            label: word("advice", advice),
            numeric: true,
            className: "nowrap",
            cell: (one: Sums["months"][number]) => amount(one[advice]),
          })),
          {
            name: "acts",
            label: t("form.acts"),
            className: "nowrap no-print",
            cell: (one) =>
              one.month === null ? null : (
                <button type="button" className="link" onClick={() => setShown(one.month)}>
                  {t("retention.show", { month: one.month })}
                </button>
              ),
          },
        ]}
      />
      {shown === null ? null : <Named month={shown} />}
    </>
  );
}

function Named({ month }: { month: string }) {
  const { t, word } = useWords();
  const [advice, setAdvice] = useState("");
  const pages = useAdvised(month, advice);
  const why = (one: Advised) => {
    if (one.advice === "locked") return one.locks.map((lock) => word("locks", lock)).join(" · ");
    return one.keep_until === null ? t("retention.for_good") : t("retention.until", { day: day(one.keep_until) });
  };
  return (
    <>
      <h3>{t("retention.of_month", { month })}</h3>
      <p className="row">
        {["", ...ADVICE].map((one) => (
          <Button key={one} size="small" type={one === advice ? "primary" : "default"} onClick={() => setAdvice(one)}>
            {one === "" ? t("retention.all") : word("advice", one)}
          </Button>
        ))}
      </p>
      <Reading of={pages}>
        {(found) => {
          const rows = found.pages.flatMap((page) => page.recordings);
          return rows.length === 0 ? (
            <p className="quiet">{t("retention.none")}</p>
          ) : (
            <>
              <DataTable
                label={t("retention.of_month", { month })}
                rows={rows}
                rowKey={(one) => one.id}
                columns={[
                  {
                    name: "key",
                    label: t("fixity.object"),
                    heads: true,
                    className: "key",
                    cell: (one) => <Link to={recordingPath(one.object_key)}>{one.object_key}</Link>,
                  },
                  {
                    name: "size",
                    label: t("recordings.size"),
                    numeric: true,
                    className: "nowrap",
                    cell: (one) => bytes(one.size_bytes),
                  },
                  {
                    name: "advice",
                    label: t("retention.advice"),
                    className: "nowrap",
                    cell: (one) => <span className="tag">{word("advice", one.advice)}</span>,
                  },
                  { name: "why", label: t("retention.why"), cell: why },
                ]}
              />
              {pages.hasNextPage ? (
                <Button loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                  {t("retention.more")}
                </Button>
              ) : null}
            </>
          );
        }}
      </Reading>
    </>
  );
}
