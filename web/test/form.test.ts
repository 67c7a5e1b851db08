// Fields of forms as they are written, without a browser: which marks and choices they have.

import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { FieldSpec } from "../src/components/FormField.tsx";

const options = [
  { value: "a", label: "A" },
  { value: "b", label: "B" },
];

describe("a field of a form", () => {
  let markup: (field: Omit<FieldSpec, "name" | "label">, lacking?: boolean) => string;
  beforeAll(async () => {
    // What the words ask of a browser when they start.
    vi.stubGlobal("location", { search: "" });
    vi.stubGlobal("document", { documentElement: {} });
    const { startWords } = await import("../src/words/index.ts");
    startWords();
    const { FormField } = await import("../src/components/FormField.tsx");
    markup = (field, lacking = false) =>
      renderToStaticMarkup(
        createElement(FormField, {
          field: { name: "x", label: "X", ...field },
          value: field.initial ?? "",
          change: () => undefined,
          lacking,
        }),
      );
  });

  it("says that it must be filled in, of whichever kind it is", () => {
    for (const kind of ["text", "area", "select", "many", "month", "datetime", "number", "password"] as const) {
      expect(markup({ kind, options, required: true }), kind).toContain("must-fill");
      expect(markup({ kind, options }), kind).not.toContain("must-fill");
      expect(markup({ kind, options, required: true }, true), kind).toContain('aria-invalid="true"');
    }
  });
  it("can be left empty again if it need not be filled in", () => {
    expect(markup({ kind: "select", options, initial: "a" })).toContain('<option value=""');
    expect(markup({ kind: "select", options, initial: "a", none: "None of them" })).toContain("None of them");
    expect(markup({ kind: "select", options, initial: "a", required: true })).not.toContain('<option value=""');
    // Nothing is chosen for anybody.
    expect(markup({ kind: "select", options, required: true })).toContain('<option value="" selected=""');
  });
});
