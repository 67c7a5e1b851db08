// What a list is narrowed down by: fields on the screen, words on paper.

import type { ReactNode } from "react";
import { useWords } from "../words/index.ts";
import { useOnPaper } from "./onPaper.ts";

interface Props {
  /** What each field asks for, by the field's name; empty where it asks for nothing. */
  said: Record<string, string>;
  children: ReactNode;
}

export function Filters({ said, children }: Props) {
  const { t } = useWords();
  const onPaper = useOnPaper();
  const asked = Object.entries(said).filter(([, value]) => value);
  return (
    <>
      <div className="filters" role="search" aria-label={t("cases.filter_label")}>
        {children}
      </div>
      {onPaper && asked.length ? (
        <p className="filtered">
          {t("app.filtered")}
          {asked.map(([name, value]) => t("app.filter", { name, value })).join(t("app.next_filter"))}
        </p>
      ) : null}
    </>
  );
}
