// Where a file is dropped; a button for those who do not drag.

import { Button } from "antd";
import { useRef, useState, type DragEvent } from "react";
import { useWords } from "../words/index.ts";

interface Props {
  label: string;
  /** Endings of the files that it is for. */
  accept: string;
  choose: (file: File | undefined) => void;
}

export function Drop({ label, accept, choose }: Props) {
  const { t } = useWords();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const hold = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div
      className={over ? "drop over" : "drop"}
      onDragOver={hold}
      onDragEnter={hold}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        choose(event.dataTransfer.files[0]);
      }}
    >
      <p>{label}</p>
      <Button onClick={() => input.current?.click()}>{t("imports.choose")}</Button>
      <input
        ref={input}
        type="file"
        className="unseen"
        tabIndex={-1}
        aria-label={t("imports.choose")}
        accept={accept}
        onChange={(event) => {
          choose(event.target.files?.[0]);
          // The same file again, mended, is a change too.
          event.target.value = "";
        }}
      />
    </div>
  );
}
