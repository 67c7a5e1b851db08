// What the address keeps: the month under audit, filters, what is open. So a view can be sent to a colleague.

import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** Reads and writes parameters of the address; an empty value takes its name out. */
export function useAddress() {
  const [params, setParams] = useSearchParams();
  const read = (name: string): string => params.get(name) ?? "";
  const write = useCallback(
    (changes: Record<string, string | null>, push = false) =>
      setParams(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [name, value] of Object.entries(changes)) {
            if (value) after.set(name, value);
            else after.delete(name);
          }
          return after;
        },
        { replace: !push },
      ),
    [setParams],
  );
  return { read, write };
}

/** The month in the address; `null`: the latest. */
export function useMonth(): string | null {
  const { read } = useAddress();
  const month = read("month");
  return /^\d{4}-\d{2}$/.test(month) ? month : null;
}

/** A link within the pages that keeps the month. */
export function useLink() {
  const month = useMonth();
  return (path: string, query: Record<string, string | null | undefined> = {}): string => {
    const search = new URLSearchParams();
    if (month) search.set("month", month);
    for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
    const text = search.toString();
    return text ? `${path}?${text}` : path;
  };
}

const part = (text: string): string => text.split("/").map(encodeURIComponent).join("/");
export const casePath = (caseNo: string): string => `/cases/${part(caseNo)}`;
export const recordingPath = (objectKey: string): string => `/recordings/${part(objectKey)}`;
export const roundPath = (id: string): string => `/rounds/${part(id)}`;
