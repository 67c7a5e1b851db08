// 无人机: how much of the ground that may be flown over was filmed, by area, dock and day.

import { Button } from "antd";
import { Suspense, lazy, useState } from "react";
import { Link } from "react-router";
import { Failure } from "../api/client.ts";
import { useCoverage } from "../api/queries.ts";
import type { Coverage } from "../api/types.ts";
import { recordingPath, useLink, useMonth } from "../app/where.ts";
import { DataTable } from "../components/DataTable.tsx";
import { PageHead, Panel } from "../components/Panel.tsx";
import { Empty, Loading, NotOffered, Reading } from "../components/State.tsx";
import { Meter } from "../components/Tags.tsx";
import { length, moment, monthName, percent } from "../format.ts";
import { useWords } from "../words/index.ts";

const CoverageMap = lazy(() => import("../map/CoverageMap.tsx"));

const km2 = (m2: number): string => (Math.floor(m2 / 1000) / 1000).toFixed(3);

export default function Drones() {
  const { t, language, either } = useWords();
  const month = useMonth();
  const coverage = useCoverage(month);
  const problem = coverage.error instanceof Failure ? coverage.error.problem : null;
  return (
    <>
      <PageHead title={t("drones.title")}>
        {coverage.data ? (
          <span className="quiet">
            {monthName(coverage.data.month, language)} · {coverage.data.policy}
          </span>
        ) : null}
      </PageHead>
      {problem && problem.status < 500 && problem.status !== 403 ? (
        <Empty title={t("drones.none")}>
          <p>{either(problem.detail_zh, problem.detail)}</p>
        </Empty>
      ) : (
        <Reading of={coverage} what={t("state.judging")}>
          {(found) => (found === null ? <NotOffered command="reelproof coverage" /> : <Found coverage={found} />)}
        </Reading>
      )}
    </>
  );
}

function Found({ coverage }: { coverage: Coverage }) {
  const { t, language, either, word } = useWords();
  const link = useLink();
  const [map, setMap] = useState(false);
  return (
    <>
      <div className="tiles">
        <div className="tile wide">
          <span>{t("drones.coverage")}</span>
          <b>{percent(coverage.covered_m2, coverage.flyable_m2)}</b>
          <span className="meter-bar with-target" aria-hidden="true">
            <span style={{ width: `${coverage.ratio * 100}%` }} />
            <i style={{ left: `${coverage.target * 100}%` }} />
          </span>
          <small>
            {t("drones.target")} {percent(coverage.target, 1)} ·{" "}
            <span className={coverage.target_met ? "tag status-complete" : "tag severity-missing"}>
              {coverage.target_met ? `✓ ${t("drones.reached")}` : `✕ ${t("drones.not_reached")}`}
            </span>
          </small>
        </div>
        <div className="tile">
          <span>{t("drones.flyable")}</span>
          <b>{km2(coverage.flyable_m2)}</b>
          <small>{t("drones.km2")}</small>
        </div>
        <div className="tile">
          <span>{t("drones.covered")}</span>
          <b>{km2(coverage.covered_m2)}</b>
          <small>{t("drones.km2")}</small>
        </div>
        <div className="tile">
          <span>{t("drones.sorties")}</span>
          <b>{coverage.sorties.length}</b>
        </div>
      </div>
      <Panel
        title={t("drones.map")}
        aside={
          <Button onClick={() => setMap(!map)} aria-expanded={map}>
            {map ? t("drones.map_close") : t("drones.map_open")}
          </Button>
        }
      >
        {map ? (
          <Suspense fallback={<Loading what={t("drones.map_loading")} />}>
            <CoverageMap month={coverage.month} />
          </Suspense>
        ) : (
          <p className="quiet">{t("drones.map_hint")}</p>
        )}
      </Panel>
      <div className="two">
        <Panel title={t("drones.docks")}>
          <DataTable
            label={t("drones.docks")}
            rows={coverage.docks}
            rowKey={(dock) => dock.dock}
            columns={[
              { name: "dock", label: t("drones.dock"), heads: true, cell: (dock) => `${dock.name} ${dock.dock}` },
              {
                name: "ratio",
                label: t("drones.ratio"),
                cell: (dock) => <Meter covered={dock.reach_covered_m2} required={dock.reach_flyable_m2} />,
              },
              {
                name: "area",
                label: `${t("drones.flyable")} (${t("drones.km2")})`,
                numeric: true,
                cell: (dock) => km2(dock.reach_flyable_m2),
              },
              { name: "sorties", label: t("drones.sorties"), numeric: true, cell: (dock) => dock.sorties },
              { name: "filmed", label: t("drones.with_video"), numeric: true, cell: (dock) => dock.filmed_sorties },
            ]}
          />
          <h3>{t("drones.areas")}</h3>
          <DataTable
            label={t("drones.areas")}
            rows={coverage.areas}
            rowKey={(area) => area.name}
            columns={[
              { name: "area", label: t("drones.area"), heads: true, cell: (area) => area.name },
              {
                name: "ratio",
                label: t("drones.ratio"),
                cell: (area) => <Meter covered={area.covered_m2} required={area.flyable_m2} />,
              },
              {
                name: "flyable",
                label: `${t("drones.flyable")} (${t("drones.km2")})`,
                numeric: true,
                cell: (area) => km2(area.flyable_m2),
              },
            ]}
          />
        </Panel>
        <Panel title={t("drones.by_day")}>
          <Days coverage={coverage} />
        </Panel>
      </div>
      <Panel title={t("drones.findings")}>
        <ul className="plain findings-list">
          {coverage.findings.map((finding, index) => (
            <li key={index}>
              <span className={`tag severity-${finding.severity}`}>
                {finding.severity === "notice" ? "ⓘ" : "⚠"} {word("severities", finding.severity)}
              </span>{" "}
              {finding.subject && finding.subject !== "-" ? <b>{finding.subject} </b> : null}
              {either(finding.observed_zh, finding.observed)}{" "}
              <span className="quiet">→ {either(finding.next_zh, finding.next)}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t("drones.sorties")}>
        <DataTable
          label={t("drones.sorties")}
          rows={coverage.sorties}
          rowKey={(sortie) => sortie.sortie}
          columns={[
            {
              name: "sortie",
              label: t("drones.sorties"),
              heads: true,
              className: "nowrap",
              cell: (sortie) => sortie.sortie,
            },
            { name: "dock", label: t("drones.dock"), cell: (sortie) => sortie.dock ?? "–" },
            {
              name: "from",
              label: t("drones.took_off"),
              className: "nowrap figure",
              cell: (sortie) => moment(sortie.took_off_at),
            },
            {
              name: "flight",
              label: t("drones.flight"),
              numeric: true,
              className: "nowrap",
              // What was planned or called off took no time.
              cell: (sortie) => (sortie.flight_us ? length(sortie.flight_us, language) : "–"),
            },
            {
              name: "filmed",
              label: t("drones.filmed"),
              numeric: true,
              className: "nowrap",
              cell: (sortie) => (sortie.filmed_us ? length(sortie.filmed_us, language) : "–"),
            },
            {
              name: "state",
              label: t("notices.state"),
              className: "nowrap",
              cell: (sortie) => word("drones.states", sortie.status),
            },
            {
              name: "video",
              label: t("nav.recordings"),
              className: "key",
              cell: (sortie) =>
                sortie.recordings.length ? (
                  sortie.recordings.map((key) => (
                    <Link key={key} to={link(recordingPath(key))}>
                      {key}
                    </Link>
                  ))
                ) : (
                  <span className="quiet">✕ {t("drones.without_video")}</span>
                ),
            },
          ]}
        />
      </Panel>
    </>
  );
}

/** What each day added up to, as bars with their figures in words for those who do not see them. */
/** The days on which somebody flew; of the others there is nothing to say but how many they are. */
function Days({ coverage }: { coverage: Coverage }) {
  const { t } = useWords();
  const flown = coverage.days.filter((day) => day.sorties > 0);
  return (
    <>
      <ol className="days" aria-label={t("drones.by_day")}>
        {flown.map((day) => (
          <li key={day.day} title={`${day.day} ${percent(day.ratio, 1)} · ${day.sorties}`}>
            <span className="figure">{day.day.slice(5)}</span>
            <span className="meter-bar" aria-hidden="true">
              <span style={{ width: `${Math.min(1, day.ratio) * 100}%` }} />
            </span>
            <span className="figure">{`${percent(day.ratio, 1)} · ${t("drones.sorties_of_day", { n: day.sorties })}`}</span>
          </li>
        ))}
      </ol>
      {coverage.days.length > flown.length ? (
        <p className="quiet">{t("drones.days_without", { n: coverage.days.length - flown.length })}</p>
      ) : null}
    </>
  );
}
