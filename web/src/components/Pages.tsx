// The end of a list that comes a page at a time: the next page is read as one scrolls towards it, and by a button for
// those who do not scroll.

import { Button } from "antd";
import { useEffect, useRef } from "react";
import { useWords } from "../words/index.ts";

interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

export function More({ of }: { of: Paged }) {
  const { t } = useWords();
  const end = useRef<HTMLParagraphElement>(null);
  const paged = useRef(of);
  paged.current = of;
  useEffect(() => {
    const element = end.current;
    if (!element) return;
    const seen = new IntersectionObserver(
      ([entry]) => {
        const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = paged.current;
        // What failed is tried again by the button alone.
        if (entry?.isIntersecting && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) fetchNextPage();
      },
      { rootMargin: "600px" },
    );
    seen.observe(element);
    return () => seen.disconnect();
    // A page that ends within sight has to be looked at anew, since nothing comes into view by it.
  }, [of.isFetchingNextPage]);
  return (
    <p className="row more no-print" ref={end}>
      {of.hasNextPage ? (
        <Button onClick={() => of.fetchNextPage()} loading={of.isFetchingNextPage}>
          {t("recordings.more")}
        </Button>
      ) : (
        <span className="quiet">{t("recordings.end")}</span>
      )}
    </p>
  );
}
