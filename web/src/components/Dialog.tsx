// A question in front of the page: the browser's own dialog, so that focus stays in it, Escape leaves it, and what is
// behind it is out of reach.

import { useEffect, useId, useRef, type ReactNode } from "react";
import { useWords } from "../words/index.ts";

interface Props {
  title: ReactNode;
  close: () => void;
  children: ReactNode;
  wide?: boolean;
}

export function Dialog({ title, close, children, wide = false }: Props) {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
  }, []);
  return (
    <dialog ref={dialog} className={wide ? "dialog wide" : "dialog"} aria-labelledby={name} onClose={close}>
      <header>
        <h2 id={name}>{title}</h2>
        <button type="button" className="dialog-close" aria-label={t("form.close")} onClick={close}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
