// The service says when something changed; what is on the screen is then asked for anew. A tab that nobody sees
// listens to nothing: a browser keeps only a few connections to one service.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { address } from "../api/client.ts";

/** Changes come in crowds: a file that is taken in changes many things. */
const GATHERS_MS = 700;

export type Listening = "off" | "on" | "broken";

let state: Listening = "off";
const watchers = new Set<() => void>();
function become(next: Listening) {
  state = next;
  for (const watcher of watchers) watcher();
}

/** Whether the page hears of changes at present. */
export const useListening = (): Listening =>
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    () => state,
  );

/** Listens while the page is there. */
export function useChanges(): void {
  const client = useQueryClient();
  useEffect(() => {
    let source: EventSource | null = null;
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let last = "";
    const refresh = () =>
      void client.invalidateQueries(
        { predicate: ({ queryKey }) => queryKey[0] !== "session" },
        { cancelRefetch: false },
      );
    const hear = (event: MessageEvent<string>) => {
      // The first of a stream says how things stand; the next, that they are otherwise.
      const before = last;
      last = event.lastEventId || event.data;
      if (before === "" || before === last) return;
      clearTimeout(gathering);
      gathering = setTimeout(refresh, GATHERS_MS);
    };
    const stop = () => {
      source?.close();
      source = null;
      become("off");
    };
    const start = () => {
      if (source || document.visibilityState === "hidden") return;
      source = new EventSource(address("events"));
      source.addEventListener("open", () => become("on"));
      source.addEventListener("error", () => become("broken"));
      source.addEventListener("change", hear);
    };
    const turn = () => (document.visibilityState === "hidden" ? stop() : start());
    start();
    document.addEventListener("visibilitychange", turn);
    return () => {
      document.removeEventListener("visibilitychange", turn);
      clearTimeout(gathering);
      stop();
    };
  }, [client]);
}
