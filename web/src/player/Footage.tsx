// One video element, and what stands in its place where there is nothing to play.

import { useEffect, useState, type Ref, type VideoHTMLAttributes } from "react";
import type { Recording } from "../api/types.ts";
import { useWords } from "../words/index.ts";
import { formatOf, mediaUrl, playable } from "./media.ts";

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
  const download = url ? (
    <p>
      <a href={url} download={recording.object_key.split("/").at(-1)}>
        {t("player.download")}
      </a>
    </p>
  ) : null;
  if (!playable(recording)) {
    return (
      <div className="footage-none" role="note">
        <p>
          <b>{t("player.cannot", { format: formatOf(recording) || "?" })}</b>
        </p>
        <p>{t("player.cannot_how")}</p>
        {download}
      </div>
    );
  }
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
  if (trouble) {
    return (
      <div className="footage-none" role="alert">
        <p>
          <b>⚠ {t("player.failed")}</b>
        </p>
        <p>{t("player.cannot_how")}</p>
        {download}
      </div>
    );
  }
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
