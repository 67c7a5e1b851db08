// One line at the foot of the window that says what was just done, for eyes and for ears; it goes by itself, and
// nothing is only said there.

import { useEffect, useState } from "react";

const EVENT = "said";
const STANDS_MS = 6_000;

/** Says it. */
export const say = (text: string): void => void dispatchEvent(new CustomEvent<string>(EVENT, { detail: text }));

export function Said() {
  const [text, setText] = useState("");
  useEffect(() => {
    const hear = (event: Event) => setText((event as CustomEvent<string>).detail);
    addEventListener(EVENT, hear);
    return () => removeEventListener(EVENT, hear);
  }, []);
  useEffect(() => {
    if (!text) return;
    const wait = setTimeout(() => setText(""), STANDS_MS);
    return () => clearTimeout(wait);
  }, [text]);
  return (
    <div className="said" role="status" aria-live="polite">
      {text ? <span>✓ {text}</span> : null}
    </div>
  );
}
