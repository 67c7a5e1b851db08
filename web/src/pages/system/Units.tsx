// The units as a tree: detachment, brigades, squads, offices.

import { useUnits } from "../../api/queries.ts";
import type { Unit } from "../../api/types.ts";
import { Panel } from "../../components/Panel.tsx";
import { Empty, NotOffered, Reading } from "../../components/State.tsx";
import { useWords } from "../../words/index.ts";

export default function Units() {
  const { t } = useWords();
  return (
    <Panel title={t("system.part_units")}>
      <Reading of={useUnits()}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof import units" />
          ) : found.units.length === 0 ? (
            <Empty title={t("system.units_none")}>
              <p>{t("system.units_none_how")}</p>
            </Empty>
          ) : (
            <Tree units={found.units} />
          )
        }
      </Reading>
    </Panel>
  );
}

function Tree({ units }: { units: Unit[] }) {
  const { t } = useWords();
  const known = new Set(units.map((unit) => unit.code));
  const tops = units.filter((unit) => unit.parent === null || !known.has(unit.parent));
  return (
    <ul className="tree" aria-label={t("system.part_units")}>
      {tops.map((unit) => (
        <Branch key={unit.code} unit={unit} units={units} />
      ))}
    </ul>
  );
}

function Branch({ unit, units }: { unit: Unit; units: Unit[] }) {
  const { word } = useWords();
  const below = units.filter((one) => one.parent === unit.code && one.code !== unit.code);
  const name = (
    <>
      <b>{unit.name}</b> <code>{unit.code}</code> <span className="tag">{word("unit_kinds", unit.kind)}</span>
    </>
  );
  return (
    <li>
      {below.length ? (
        <details open>
          <summary>
            {name} <span className="quiet">{below.length}</span>
          </summary>
          <ul>
            {below.map((one) => (
              <Branch key={one.code} unit={one} units={units} />
            ))}
          </ul>
        </details>
      ) : (
        <span className="leaf">{name}</span>
      )}
    </li>
  );
}
