// Whether what is on the screen goes to paper just now.

import { useEffect, useState } from "react";
import { flushSync } from "react-dom";

/** Whether the page is being printed: paper shows every row of a table, and says who printed it. */
export function useOnPaper(): boolean {
  const [onPaper, setOnPaper] = useState(false);
  useEffect(() => {
    const print = matchMedia("print");
    const change = ({ matches }: { matches: boolean }) => flushSync(() => setOnPaper(matches));
    const [before, after] = [() => change({ matches: true }), () => change({ matches: false })];
    print.addEventListener("change", change);
    addEventListener("beforeprint", before);
    addEventListener("afterprint", after);
    return () => {
      print.removeEventListener("change", change);
      removeEventListener("beforeprint", before);
      removeEventListener("afterprint", after);
    };
  }, []);
  return onPaper;
}
