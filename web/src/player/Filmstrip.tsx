// Key frames from all over a recording, side by side: a derivative, made when it is asked for, to find one's way by.

import { useQuery } from "@tanstack/react-query";
import { Failure, address, key, request } from "../api/client.ts";
import type { FilmTile } from "../api/types.ts";
import { place } from "../format.ts";
import { useWords } from "../words/index.ts";

/** How long to wait before asking again, if the service does not say. */
const WAITS_MS = 2_000;

interface Props {
  /** Short name of the recording in addresses. */
  id: string;
  /** Where the player's own time is 0, in the recording's time. */
  originUs: number;
  atS: number;
  go: (seconds: number) => void;
}

function useFilmstrip(id: string) {
  return useQuery({
    queryKey: ["filmstrip", id],
    // What it is made from does not change, whatever else is written meanwhile.
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<{ tiles: FilmTile[] | null; waitMs: number } | null> => {
      try {
        const answer = await request("GET", address(`recordings/${key(id)}/filmstrip`, { part: "times" }), { signal });
        if (answer.status === 202)
          return { tiles: null, waitMs: Number(answer.headers.get("retry-after")) * 1000 || WAITS_MS };
        return { tiles: ((await answer.json()) as { tiles: FilmTile[] }).tiles, waitMs: 0 };
      } catch (error) {
        // A service without stills takes the address for the key of a recording.
        if (error instanceof Failure && (error.status === 404 || error.code === "bad_parameter")) return null;
        throw error;
      }
    },
    refetchInterval: (query) => query.state.data?.waitMs || false,
  });
}

export function Filmstrip({ id, originUs, atS, go }: Props) {
  const { t, either } = useWords();
  const strip = useFilmstrip(id);
  if (strip.data === null || strip.isPending) return null;
  if (strip.isError) {
    const problem = strip.error instanceof Failure ? strip.error.problem : null;
    return (
      <p className="quiet small">
        {t("filmstrip.none")} {problem ? either(problem.title_zh, problem.title) : ""}
      </p>
    );
  }
  const { tiles } = strip.data;
  if (tiles === null) return <p className="quiet small">{t("filmstrip.making")}</p>;
  const picture = `url("${address(`recordings/${key(id)}/filmstrip`)}")`;
  const current = tiles.findLastIndex((tile) => (tile.at_us - originUs) / 1e6 <= atS + 0.05);
  return (
    <>
      <div className="filmstrip" role="group" aria-label={t("filmstrip.label")}>
        {tiles.map((tile, index) => {
          const seconds = Math.max(0, (tile.at_us - originUs) / 1e6);
          return (
            <button
              key={tile.at_us}
              type="button"
              aria-label={t("filmstrip.go", { at: place(seconds * 1e6) })}
              aria-current={index === current || undefined}
              onClick={() => go(seconds)}
            >
              <span
                style={{
                  width: tile.width,
                  height: tile.height,
                  backgroundImage: picture,
                  backgroundPosition: `-${tile.x}px -${tile.y}px`,
                }}
              />
              <small className="figure">{place(seconds * 1e6)}</small>
            </button>
          );
        })}
      </div>
      <p className="quiet small">{t("filmstrip.derived")}</p>
    </>
  );
}
