// One video element, and what stands in its place where there is nothing to play. What the browser cannot play is shown
// as a preview that the service makes of it; that it is one is said, because it is no evidence.

import { useEffect, useState, type Ref, type VideoHTMLAttributes } from "react";
import { Failure } from "../api/client.ts";
import type { Recording } from "../api/types.ts";
import { useWords } from "../words/index.ts";
import { formatOf, mediaUrl, playable } from "./media.ts";
import { previewUrl, usePreview } from "./preview.ts";

interface Props extends VideoHTMLAttributes<HTMLVideoElement> {
  recording: Recording;
  videoRef?: Ref<HTMLVideoElement>;
}

type Trouble = "no_media" | "failed";

export function Footage({ recording, videoRef, ...rest }: Props) {
  const { t } = useWords();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const url = mediaUrl(recording);
  useEffect(() => setTrouble(null), [url]);
  // What the browser should play and does not is looked at as a preview, too.
  const byPreview = !playable(recording) || trouble === "failed";
  if (url === null || trouble === "no_media") {
    return (
      <div className="footage-none" role="note">
        <p>
          <b>⚠ {t("player.no_media")}</b>
        </p>
        <p>{t("player.no_media_how")}</p>
      </div>
    );
  }
  if (byPreview) return <Preview recording={recording} videoRef={videoRef} {...rest} />;
  const ask = () => {
    // The element does not say why: a first byte tells whether the service hands it out at all.
    fetch(url, { headers: { range: "bytes=0-0" } })
      .then((answer) => {
        void answer.body?.cancel();
        setTrouble(answer.ok ? "failed" : "no_media");
      })
      .catch(() => setTrouble("no_media"));
  };
  // There are no captions of footage: what was said is evidence, and nobody has written it down.
  return <video ref={videoRef} src={url} preload="auto" playsInline onError={ask} {...rest} />;
}

/** The preview, or how far it is, or why there is none. */
function Preview({ recording, videoRef, ...rest }: Props) {
  const { t, language } = useWords();
  const preview = usePreview(recording, true);
  const [failed, setFailed] = useState(false);
  const src = previewUrl(recording);
  useEffect(() => setFailed(false), [src]);
  const original = mediaUrl(recording);
  const download = original ? (
    <p>
      <a href={original} download={recording.object_key.split("/").at(-1)}>
        {t("player.download")}
      </a>
    </p>
  ) : null;
  if (preview.data === "ready" && src !== null && !failed) {
    return (
      <>
        <video ref={videoRef} src={src} preload="auto" playsInline onError={() => setFailed(true)} {...rest} />
        <span className="tag footage-derived" role="note" title={t("player.derived_how")}>
          {t("player.derived")}
        </span>
      </>
    );
  }
  if (preview.isError || failed) {
    const problem = preview.error instanceof Failure ? preview.error.problem : null;
    const detail = language === "en" ? problem?.detail : problem?.detail_zh;
    return (
      <div className="footage-none" role="alert">
        <p>
          <b>⚠ {t("player.cannot", { format: formatOf(recording) || "?" })}</b>
        </p>
        <p>{detail ?? t("player.cannot_how")}</p>
        {download}
      </div>
    );
  }
  return (
    <div className="footage-none" role="status">
      <p>
        <b>{t("player.making", { format: formatOf(recording) || "?" })}</b>
      </p>
      <p>{t("player.making_how")}</p>
      {download}
    </div>
  );
}
