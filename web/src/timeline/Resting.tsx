// What a camera saw at the moment on which the pointer rests.

import { useRecording } from "../api/queries.ts";
import { exactMoment, shanghai } from "../format.ts";
import { StillCard, hasPicture, originOf, type Spot } from "../player/Still.tsx";
import { useWords } from "../words/index.ts";
import { pictureAt, type Camera } from "./geometry.ts";

/** Stills are asked for at whole steps, so that moving on a little asks for no other. */
const STEP_MS = 2_000;

export function Resting({ camera, ms, spot }: { camera: Camera; ms: number; spot: Spot }) {
  const at = pictureAt(camera, ms);
  return at ? <Found objectKey={at.entry.object_key} mediaMs={at.mediaS * 1000} ms={ms} spot={spot} /> : null;
}

function Found({ objectKey, mediaMs, ms, spot }: { objectKey: string; mediaMs: number; ms: number; spot: Spot }) {
  const { t } = useWords();
  const recording = useRecording(objectKey).data?.recordings.find(hasPicture);
  if (recording?.id === undefined) return null;
  const atUs = originOf(recording) + Math.max(0, Math.floor(mediaMs / STEP_MS) * STEP_MS) * 1000;
  const says = `${t("still.at", { at: exactMoment(shanghai(ms)) })} · ${objectKey}`;
  return <StillCard id={recording.id} atUs={Math.round(atUs)} spot={spot} says={says} />;
}
