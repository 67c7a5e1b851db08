// A derivative of footage that browsers do not play: made by the service when it is asked for, marked as what it is, and
// never in the place of the original, which stays what it was and can be saved.

import { useQuery } from "@tanstack/react-query";
import type { Ref, VideoHTMLAttributes } from "react";
import { Failure, address, key, request } from "../api/client.ts";
import { Loading } from "../components/State.tsx";
import { useWords } from "../words/index.ts";

interface Props extends VideoHTMLAttributes<HTMLVideoElement> {
  /** Short name of the recording in addresses. */
  id: string;
  videoRef?: Ref<HTMLVideoElement>;
  /** What stands there where there is no preview. */
  children: React.ReactNode;
}

/** How long to wait before asking again, if the service does not say. */
const WAITS_MS = 2_000;

const previewUrl = (id: string): string => address(`recordings/${key(id)}/preview`);

/** Whether the preview is there; asking for it has it made. */
export const usePreview = (id: string | null) =>
  useQuery({
    queryKey: ["preview", id],
    enabled: id !== null,
    // What it is made from does not change, whatever else is written meanwhile.
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      try {
        const answer = await request("GET", previewUrl(id ?? ""), { signal, range: "bytes=0-0" });
        void answer.body?.cancel();
        if (answer.status !== 202) return { ready: true, waitMs: 0 };
        return { ready: false, waitMs: Number(answer.headers.get("retry-after")) * 1000 || WAITS_MS };
      } catch (error) {
        if (error instanceof Failure && error.code === "not_found") return null;
        throw error;
      }
    },
    refetchInterval: (query) => (query.state.data?.ready === false ? query.state.data.waitMs : false),
  });

export function Preview({ id, videoRef, children, ...rest }: Props) {
  const { t, either } = useWords();
  const preview = usePreview(id);
  if (preview.isPending) return <Making />;
  if (preview.isError) {
    const problem = preview.error instanceof Failure ? preview.error.problem : null;
    return (
      <>
        {children}
        <p className="preview-note" role="alert">
          ⚠ {t("preview.failed")} {problem ? either(problem.detail_zh, problem.detail) : ""}
        </p>
      </>
    );
  }
  if (preview.data === null) return children;
  if (!preview.data.ready) return <Making />;
  return (
    <>
      {/* There are no captions of footage: what was said is evidence, and nobody has written it down. */}
      <video ref={videoRef} src={previewUrl(id)} preload="auto" playsInline {...rest} />
      <span className="preview-mark">{t("preview.mark")}</span>
    </>
  );
}

function Making() {
  const { t } = useWords();
  return (
    <div className="on-dark">
      <Loading what={t("preview.making")} />
    </div>
  );
}
