// Previews: made by the service when somebody asks, which takes a while. What is asked of the service, and when to ask
// again.

import { useQuery } from "@tanstack/react-query";
import { address, Failure, type Problem } from "../api/client.ts";
import type { Recording } from "../api/types.ts";

/** Where a recording's preview is; `null` of a service that makes none. */
export const previewUrl = (recording: Pick<Recording, "id">): string | null =>
  recording.id === undefined ? null : address(`recordings/${recording.id}/preview`);

export type PreviewState = "making" | "ready";

/** Asks how far the preview is, without reading it. */
export async function askForPreview(url: string, signal?: AbortSignal): Promise<PreviewState> {
  let answer: Response;
  try {
    answer = await fetch(url, { headers: { range: "bytes=0-0" }, credentials: "same-origin", signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(null);
  }
  if (!answer.ok) {
    const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
    throw new Failure(isJson ? ((await answer.json()) as Problem) : null);
  }
  void answer.body?.cancel();
  return answer.status === 202 ? "making" : "ready";
}

/** The preview of a recording, once it is `wanted`: asked for again until it is there. */
export function usePreview(recording: Pick<Recording, "id">, wanted: boolean) {
  const url = previewUrl(recording);
  return useQuery({
    queryKey: ["preview", recording.id],
    queryFn: ({ signal }) => askForPreview(url ?? "", signal),
    enabled: wanted && url !== null,
    refetchInterval: (query) => (query.state.data === "making" ? 2_000 : false),
    retry: false,
    staleTime: 60_000,
  });
}
