// A link to footage that holds for some minutes, for a player or a colleague on this network without an account. Who
// made it and each use of it stand in the trail.

import { useMutation } from "@tanstack/react-query";
import { Button, Input } from "antd";
import { useState } from "react";
import { address, key, newIntent, write } from "../api/client.ts";
import { exactMoment } from "../format.ts";
import { useWords } from "../words/index.ts";
import { Refused } from "./Refused.tsx";

interface Link {
  url: string;
  expires_at: string;
}

export function TimedLink({ id, purpose }: { id: string; purpose: "media" | "preview" }) {
  const { t } = useWords();
  const [copied, setCopied] = useState(false);
  const link = useMutation({
    mutationFn: async () => {
      setCopied(false);
      const made = await write<Link>("POST", address(`recordings/${key(id)}/links`), {
        body: { purpose },
        intent: newIntent(),
      });
      return { ...made, url: new URL(made.url, location.href).href };
    },
    onSuccess: async ({ url }) => {
      // Only there where the browser lets pages write to the clipboard; otherwise it is copied by hand.
      if (!navigator.clipboard) return;
      await navigator.clipboard.writeText(url).then(
        () => setCopied(true),
        () => setCopied(false),
      );
    },
  });
  return (
    <>
      <p className="row no-print">
        <Button size="small" loading={link.isPending} onClick={() => link.mutate()} title={t("link.how")}>
          {t("link.copy")}
        </Button>
        {link.data ? (
          <span role="status" className="quiet">
            {copied ? `✓ ${t("link.copied")}` : t("link.made")}
            {t("link.until", { at: exactMoment(link.data.expires_at) })}
          </span>
        ) : (
          <span className="quiet small">{t("link.how")}</span>
        )}
      </p>
      {link.data ? (
        <Input
          readOnly
          size="small"
          className="timed-link"
          aria-label={t("link.label")}
          value={link.data.url}
          onFocus={(event) => event.target.select()}
        />
      ) : null}
      <Refused error={link.error} />
    </>
  );
}
