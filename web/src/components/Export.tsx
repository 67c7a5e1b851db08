// A list to be gone on with elsewhere: as a table for Excel or WPS with the same filters and order, or on paper.

import { useState } from "react";
import { address } from "../api/client.ts";
import type { Query } from "../api/queries.ts";
import { useWords } from "../words/index.ts";
import { Save } from "./Save.tsx";

/** A list that comes a page at a time, as far as printing needs it. */
interface Pages {
  hasNextPage: boolean;
  fetchNextPage: () => Promise<{ hasNextPage: boolean }>;
}

/** Pages that are read to be printed at most: some ten thousand rows are more than anybody puts on paper. */
const MOST_PAGES = 200;

export function Export({ list, query, pages }: { list: string; query: Query; pages?: Pages }) {
  const { t, language } = useWords();
  const [gathering, setGathering] = useState(false);
  const onPaper = async () => {
    setGathering(true);
    // Paper has no end to scroll to, so all of it is read first.
    let more = pages?.hasNextPage ?? false;
    for (let page = 0; more && pages && page < MOST_PAGES; page += 1) more = (await pages.fetchNextPage()).hasNextPage;
    setGathering(false);
    requestAnimationFrame(() => print());
  };
  return (
    <span className="row export no-print">
      <Save
        url={address(list, { ...query, format: "xlsx", lang: language })}
        name={`${list}.xlsx`}
        title={t("form.export_how")}
      >
        {t("form.export")}
      </Save>
      <button type="button" className="link" disabled={gathering} onClick={() => void onPaper()}>
        {t("form.print")}
      </button>
    </span>
  );
}
