// One field of a form, by description. It is the browser's own: it works by keyboard, is read aloud, and needs no script
// of its own.

import { useId, type ReactNode } from "react";
import { useWords } from "../words/index.ts";

export interface FieldSpec {
  name: string;
  label: string;
  kind?: "text" | "area" | "select" | "many" | "month" | "datetime" | "number" | "password";
  options?: { value: string; label: string }[];
  /** Of a select that need not be filled in: what choosing none of the options means. */
  none?: string;
  required?: boolean;
  /** What to write there, under the field. */
  hint?: ReactNode;
  initial?: string;
  /** Only where it says yes to what the other fields hold. */
  when?: (values: Values) => boolean;
  /** What the browser may fill in. */
  autoComplete?: string;
}

export type Values = Record<string, string>;

interface FieldProps {
  field: FieldSpec;
  value: string;
  change: (value: string) => void;
  lacking: boolean;
}

/** One field with its label, and under it what to write or what is lacking. */
export function FormField({ field, value, change, lacking }: FieldProps) {
  const { t } = useWords();
  const id = useId();
  const [hintId, errorId] = [`${id}-hint`, `${id}-error`];
  const described = [field.hint ? hintId : null, lacking ? errorId : null].filter(Boolean).join(" ") || undefined;
  const shared = {
    id,
    "aria-describedby": described,
    "aria-invalid": lacking || undefined,
    "aria-required": field.required,
    value,
    autoComplete: field.autoComplete ?? "off",
    onChange: (event: { target: { value: string } }) => change(event.target.value),
  };
  const kind = field.kind ?? "text";
  const input = { month: "month", datetime: "datetime-local", number: "number", password: "password" } as const;
  return (
    <div className="form-field">
      {kind === "many" ? (
        <Many field={field} value={value} change={change} described={described} lacking={lacking} />
      ) : (
        <>
          <label htmlFor={id}>
            <FieldName field={field} />
          </label>
          {kind === "select" ? (
            <select {...shared}>
              {field.initial && field.required ? null : <option value="">{field.none ?? t("form.choose")}</option>}
              {field.options?.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
            </select>
          ) : kind === "area" ? (
            <textarea rows={4} {...shared} />
          ) : (
            <input
              type={kind === "text" ? "text" : input[kind]}
              step={kind === "datetime" ? 1 : undefined}
              {...shared}
            />
          )}
        </>
      )}
      {field.hint ? (
        <p className="quiet small" id={hintId}>
          {field.hint}
        </p>
      ) : null}
      {lacking ? (
        <p className="field-error" id={errorId} role="alert">
          ⚠ {t("form.fill_in", { field: field.label })}
        </p>
      ) : null}
    </div>
  );
}

/** What a field is called, and whether it has to be filled in. */
function FieldName({ field }: { field: FieldSpec }) {
  const { t } = useWords();
  return (
    <>
      {field.label}
      {field.required ? <span className="must-fill"> {t("form.required")}</span> : null}
    </>
  );
}

/** Any number of given choices; the value is their names with commas between. */
function Many({ field, value, change, described, lacking }: FieldProps & { described: string | undefined }) {
  const chosen = value ? value.split(",") : [];
  return (
    <fieldset aria-describedby={described}>
      <legend>
        <FieldName field={field} />
      </legend>
      <div className="form-many">
        {field.options?.map((option) => (
          <label key={option.value}>
            <input
              type="checkbox"
              aria-invalid={lacking || undefined}
              checked={chosen.includes(option.value)}
              onChange={(event) =>
                change(
                  (event.target.checked
                    ? [...chosen, option.value]
                    : chosen.filter((one) => one !== option.value)
                  ).join(","),
                )
              }
            />{" "}
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
