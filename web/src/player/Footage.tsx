// One video element, and what stands in its place where there is nothing to play.

import { useEffect, useState, type Ref, type VideoHTMLAttributes } from "react";
import { useWords } from "../words/index.ts";
import { mediaUrl } from "./media.ts";

interface Props extends VideoHTMLAttributes<HTMLVideoElement> {
  objectKey: string;
  format: string;
  canPlay: boolean;
  videoRef?: Ref<HTMLVideoElement>;
}

type Trouble = "no_media" | "failed";

export function Footage({ objectKey, format, canPlay, videoRef, ...rest }: Props) {
  const { t } = useWords();
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const url = mediaUrl(objectKey);
  useEffect(() => setTrouble(null), [objectKey]);
  if (!canPlay) {
    return (
      <div className="footage-none" role="note">
        <p><b>{t("player.cannot", { format })}</b></p>
        <p>{t("player.cannot_how")}</p>
        <p><a href={url} download>{t("player.download")}</a></p>
      </div>
    );
  }
  if (trouble) {
    return (
      <div className="footage-none" role="alert">
        <p><b>⚠ {trouble === "no_media" ? t("player.no_media") : t("player.failed")}</b></p>
        <p>{trouble === "no_media" ? t("player.no_media_how") : t("player.cannot_how")}</p>
        {trouble === "failed" ? <p><a href={url} download>{t("player.download")}</a></p> : null}
      </div>
    );
  }
  const ask = () => {
    // The element does not say why: a first byte tells whether the service hands it out at all.
    fetch(url, { headers: { range: "bytes=0-0" } })
      .then((answer) => setTrouble(answer.ok ? "failed" : "no_media"))
      .catch(() => setTrouble("no_media"));
  };
  return (
    // There are no captions of footage: what was said is evidence, and nobody has written it down.
    <video ref={videoRef} src={url} preload="metadata" playsInline onError={ask} {...rest} />
  );
}
