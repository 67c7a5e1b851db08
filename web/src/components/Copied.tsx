// A digest or a key, to be read and to be copied.

import { Button } from "antd";
import { useState } from "react";
import { useWords } from "../words/index.ts";

export function Copied({ value }: { value: string }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  return (
    <span className="digest">
      <code>{value}</code>
      {/* Only there where the browser lets pages write to the clipboard: over TLS, and on this machine. */}
      {navigator.clipboard ? (
        <Button
          size="small"
          className="no-print"
          onClick={() => void navigator.clipboard.writeText(value).then(() => setCopied(true))}
        >
          {copied ? `✓ ${t("recording.copied")}` : t("recording.copy")}
        </Button>
      ) : null}
    </span>
  );
}
