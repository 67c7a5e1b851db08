// A still of a recording beside the pointer, for whoever rests on its name or on its bar: what one would see there,
// without opening it. It is a derivative, made when it is asked for; each is a sight of footage and leaves its line in
// the trail, so it is asked for only once somebody rests.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { Failure, address, key, request } from "../api/client.ts";
import type { Recording } from "../api/types.ts";
import { useWords } from "../words/index.ts";

/** How long somebody has to rest. */
export const REST_MS = 350;

/** Where a still is shown: below (or above) this point of the window. */
export interface Spot {
  x: number;
  y: number;
}

interface Still {
  /** The picture; `null` while it is being made. */
  picture: string | null;
  waitMs: number;
}

/** The picture as an address of its own: nothing has to be let go of when it is no longer shown. */
const asAddress = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });

function useStill(id: string, atUs: number | null) {
  return useQuery({
    queryKey: ["still", id, atUs],
    // What it is made from does not change, whatever else is written meanwhile.
    staleTime: Infinity,
    retry: false,
    queryFn: async ({ signal }): Promise<Still> => {
      const answer = await request("GET", address(`recordings/${key(id)}/thumbnail`, { at_us: atUs }), { signal });
      if (answer.status === 202)
        return { picture: null, waitMs: Number(answer.headers.get("retry-after")) * 1000 || 1_000 };
      return { picture: await asAddress(await answer.blob()), waitMs: 0 };
    },
    refetchInterval: (query) => query.state.data?.waitMs || false,
  });
}

/** The time of a recording at which a player's own is 0. */
export const originOf = (recording: Pick<Recording, "streams">): number => {
  const starts = recording.streams.flatMap((stream) => (stream.start_us === null ? [] : [stream.start_us]));
  return starts.length ? Math.min(...starts) : 0;
};

/** Whether there is anything to be seen in a recording. */
export const hasPicture = (recording: Pick<Recording, "streams" | "quarantined" | "gone_at">): boolean =>
  !recording.quarantined && !recording.gone_at && recording.streams.some((stream) => stream.kind === "video");

const [WIDTH, HEIGHT] = [336, 224];

/** The still itself; `atUs` in the recording's own time, `null` for its first picture. */
export function StillCard({ id, atUs, spot, says }: { id: string; atUs: number | null; spot: Spot; says: string }) {
  const { t, either } = useWords();
  const still = useStill(id, atUs);
  const problem = still.error instanceof Failure ? still.error.problem : null;
  const below = spot.y + HEIGHT + 16 < innerHeight;
  return createPortal(
    <div
      className="still-card"
      role="tooltip"
      style={{
        left: Math.max(8, Math.min(spot.x, innerWidth - WIDTH - 8)),
        ...(below ? { top: spot.y + 8 } : { bottom: innerHeight - spot.y + 28 }),
      }}
    >
      {still.isError ? (
        <p>⚠ {problem ? either(problem.title_zh, problem.title) : t("state.unreachable")}</p>
      ) : still.data?.picture ? (
        <img src={still.data.picture} alt="" />
      ) : (
        <p>{t("still.making")}</p>
      )}
      <small className="figure">{says}</small>
      <small className="quiet">{t("still.derived")}</small>
    </div>,
    document.body,
  );
}

/** The first picture of a recording for whoever rests on `children`, or comes to it by keyboard. */
export function WithStill({ recording, children }: { recording: Recording; children: ReactNode }) {
  const [spot, setSpot] = useState<Spot | null>(null);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  if (recording.id === undefined || !hasPicture(recording)) return <>{children}</>;
  const rest = (element: Element) => {
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => {
      const { left, bottom } = element.getBoundingClientRect();
      setSpot({ x: left, y: bottom });
    }, REST_MS);
  };
  const leave = () => {
    clearTimeout(waiting.current);
    setSpot(null);
  };
  return (
    <span
      onMouseEnter={(event) => rest(event.currentTarget)}
      onMouseLeave={leave}
      onFocus={(event) => rest(event.currentTarget)}
      onBlur={leave}
      onKeyDown={(event) => (event.key === "Escape" ? leave() : undefined)}
    >
      {children}
      {spot ? <StillCard id={recording.id} atUs={null} spot={spot} says={recording.object_key} /> : null}
    </span>
  );
}
