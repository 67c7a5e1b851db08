// Who may use the service. Accounts are never deleted, since the trail speaks of them; they are disabled. A new password
// is made here and shown once.

import { Button } from "antd";
import { useState } from "react";
import { address, newIntent, write } from "../../api/client.ts";
import { useUnits, useUsers } from "../../api/queries.ts";
import type { Unit, User } from "../../api/types.ts";
import { useSession } from "../../app/session.tsx";
import { useAddress } from "../../app/where.ts";
import { Copied } from "../../components/Copied.tsx";
import { DataTable } from "../../components/DataTable.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { FormDialog, type FieldSpec } from "../../components/FormDialog.tsx";
import { Panel } from "../../components/Panel.tsx";
import { NotOffered, Reading } from "../../components/State.tsx";
import { useWords } from "../../words/index.ts";

const ROLES = ["administrator", "supervisor", "case_review", "duty_office", "squad", "auditor"] as const;

type Doing =
  | { what: "add" }
  | { what: "edit" | "reset" | "switch"; user: User }
  | { what: "shown"; login: string; password: string };

export default function Users() {
  const { t, word } = useWords();
  const session = useSession();
  const { read, write: note } = useAddress();
  const users = useUsers({ sort: read("sort") });
  const units = useUnits();
  const names = new Map(units.data?.units.map((unit) => [unit.code, unit.name]));
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  const own = session.kind === "user" ? session.user.id : null;
  return (
    <Panel
      title={t("system.users")}
      aside={
        <Button type="primary" onClick={() => setDoing({ what: "add" })}>
          {t("users.add")}…
        </Button>
      }
    >
      <Reading of={users}>
        {(found) =>
          found === null ? (
            <NotOffered command="reelproof user list" />
          ) : (
            <DataTable
              label={t("system.users")}
              rows={found.users}
              rowKey={(user) => String(user.id)}
              order={read("sort")}
              onOrder={(sort) => note({ sort })}
              columns={[
                { name: "login", label: t("system.login"), heads: true, sort: "login", cell: (user) => user.login },
                { name: "name", label: t("system.user_name"), sort: "name", cell: (user) => user.name },
                { name: "role", label: t("system.role"), sort: "role", cell: (user) => word("roles", user.role) },
                {
                  name: "unit",
                  label: t("system.unit"),
                  sort: "unit",
                  cell: (user) =>
                    user.unit ? (
                      (names.get(user.unit) ?? user.unit)
                    ) : (
                      <span className="quiet">{t("users.all_units")}</span>
                    ),
                },
                { name: "badge", label: t("users.badge"), sort: "badge", cell: (user) => user.badge ?? "–" },
                {
                  name: "state",
                  label: t("system.state"),
                  className: "nowrap",
                  cell: (user) => (user.disabled_at ? `✕ ${t("system.disabled")}` : `✓ ${t("system.active")}`),
                },
                {
                  name: "acts",
                  label: t("form.acts"),
                  className: "nowrap",
                  cell: (user) => (
                    <>
                      <button type="button" className="link" onClick={() => setDoing({ what: "edit", user })}>
                        {t("users.edit")}
                      </button>{" "}
                      <button type="button" className="link" onClick={() => setDoing({ what: "reset", user })}>
                        {t("users.reset")}
                      </button>{" "}
                      {user.id === own ? null : (
                        <button type="button" className="link" onClick={() => setDoing({ what: "switch", user })}>
                          {t(user.disabled_at ? "users.enable" : "users.disable")}
                        </button>
                      )}
                    </>
                  ),
                },
              ]}
            />
          )
        }
      </Reading>
      {doing?.what === "add" ? (
        <Add
          units={units.data?.units}
          close={close}
          shown={(login, password) => setDoing({ what: "shown", login, password })}
        />
      ) : doing?.what === "edit" ? (
        <Edit user={doing.user} units={units.data?.units} close={close} />
      ) : doing?.what === "reset" ? (
        <Reset
          user={doing.user}
          close={close}
          shown={(login, password) => setDoing({ what: "shown", login, password })}
        />
      ) : doing?.what === "switch" ? (
        <Switch user={doing.user} close={close} />
      ) : doing?.what === "shown" ? (
        <Dialog title={t("users.password_title", { login: doing.login })} close={close}>
          <p>{t("users.password_once")}</p>
          <p className="secret">
            <Copied value={doing.password} />
          </p>
          <div className="form-end">
            <Button type="primary" onClick={close}>
              {t("users.password_noted")}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </Panel>
  );
}

/** What an account is, as fields. */
function fieldsOf(
  user: User | null,
  units: Unit[] | undefined,
  t: (name: string) => string,
  word: (group: string, code: string) => string,
): FieldSpec[] {
  return [
    { name: "name", label: t("system.user_name"), required: true, initial: user?.name },
    {
      name: "role",
      label: t("system.role"),
      kind: "select",
      required: true,
      initial: user?.role,
      options: ROLES.map((role) => ({ value: role, label: word("roles", role) })),
    },
    {
      name: "unit",
      label: t("system.unit"),
      kind: units ? "select" : "text",
      initial: user?.unit ?? "",
      none: t("users.all_units"),
      options: units?.map((unit) => ({ value: unit.code, label: unit.name })),
      hint: t("users.unit_hint"),
    },
    { name: "badge", label: t("users.badge"), initial: user?.badge ?? "", hint: t("users.badge_hint") },
  ];
}

const orNull = (text: string | undefined): string | null => text || null;

function Add({
  units,
  close,
  shown,
}: {
  units: Unit[] | undefined;
  close: () => void;
  shown: (login: string, password: string) => void;
}) {
  const { t, word } = useWords();
  const [password] = useState(newPassword);
  return (
    <FormDialog
      title={t("users.add")}
      lead={<p>{t("users.add_lead")}</p>}
      fields={[
        { name: "login", label: t("system.login"), required: true, hint: t("users.login_hint") },
        ...fieldsOf(null, units, t, word),
      ]}
      submit={t("users.add")}
      close={close}
      send={async ({ login = "", name, role, unit, badge }, intent) => {
        const body = { login: login.trim(), name, role, unit: orNull(unit), badge: orNull(badge?.trim()), password };
        await write("POST", address("users"), { body, intent });
        return login.trim();
      }}
      done={(login) => queueMicrotask(() => shown(login, password))}
    />
  );
}

function Edit({ user, units, close }: { user: User; units: Unit[] | undefined; close: () => void }) {
  const { t, word } = useWords();
  return (
    <FormDialog
      title={`${t("users.edit")} · ${user.login}`}
      fields={fieldsOf(user, units, t, word)}
      submit={t("form.save")}
      said={t("form.saved")}
      close={close}
      send={({ name, role, unit, badge }, intent) =>
        write("PATCH", address(`users/${user.id}`), {
          body: { name, role, unit: orNull(unit), badge: orNull(badge?.trim()) },
          intent,
        })
      }
    />
  );
}

function Reset({
  user,
  close,
  shown,
}: {
  user: User;
  close: () => void;
  shown: (login: string, password: string) => void;
}) {
  const { t } = useWords();
  return (
    <FormDialog
      title={`${t("users.reset")} · ${user.login}`}
      lead={<p>{t("users.reset_lead", { name: user.name })}</p>}
      fields={[]}
      submit={t("users.reset")}
      close={close}
      send={async (_, intent) => {
        const answer = await write<{ password: string }>("POST", address(`users/${user.id}/password`), {
          body: {},
          intent,
        });
        return answer.password;
      }}
      done={(made) => queueMicrotask(() => shown(user.login, made))}
    />
  );
}

function Switch({ user, close }: { user: User; close: () => void }) {
  const { t } = useWords();
  const off = !user.disabled_at;
  return (
    <FormDialog
      title={`${t(off ? "users.disable" : "users.enable")} · ${user.login}`}
      lead={<p>{t(off ? "users.disable_lead" : "users.enable_lead", { name: user.name })}</p>}
      fields={[]}
      submit={t(off ? "users.disable" : "users.enable")}
      said={t("form.saved")}
      close={close}
      send={(_, intent) => write("PATCH", address(`users/${user.id}`), { body: { disabled: off }, intent })}
    />
  );
}

/** Letters and digits that are not taken for each other, so that it can be read out. */
const LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** A password nobody chose: four groups of five, some 115 bits. */
export function newPassword(): string {
  const groups = Array.from({ length: 4 }, () => newIntent());
  return groups
    .map((group) =>
      Array.from(
        { length: 5 },
        (_, at) => LETTERS[parseInt(group.slice(at * 4, at * 4 + 4), 16) % LETTERS.length],
      ).join(""),
    )
    .join("-");
}
