// 系统: the policy in force, units, imports, who may use the service, and what was done; each at an address of its own.

import { Suspense } from "react";
import { NavLink, Outlet } from "react-router";
import { useMay } from "../../app/rights.ts";
import { useLink } from "../../app/where.ts";
import { PageHead } from "../../components/Panel.tsx";
import { Loading } from "../../components/State.tsx";
import { useWords } from "../../words/index.ts";

export default function System() {
  const { t } = useWords();
  const link = useLink();
  const may = useMay();
  const parts = [
    ["policy", true],
    ["units", true],
    ["imports", may("take_in")],
    ["users", may("accounts")],
    ["trail", may("trail")],
  ] as const;
  return (
    <>
      <PageHead title={t("system.title")} />
      <nav className="segments parts" aria-label={t("system.parts")}>
        {parts.map(([part, offered]) =>
          offered ? (
            <NavLink key={part} to={link(part === "policy" ? "/system" : `/system/${part}`)} end>
              {t(`system.part_${part}`)}
            </NavLink>
          ) : null,
        )}
      </nav>
      <Suspense fallback={<Loading />}>
        <Outlet />
      </Suspense>
    </>
  );
}
