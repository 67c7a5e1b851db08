// What a line of the trail is about, in words: the trail itself keeps addresses and codes, which never change, and this
// says what staff call them. A test holds it against the list of addresses that the service has, so that a new one is
// not shown as it is written.

import type { TrailLine } from "../../api/types.ts";
import { casePath, recordingPath, roundPath } from "../../app/where.ts";
import type { zh } from "../../words/zh.ts";

/** Names of the words in `trail_objects`. */
export type ObjectWord = keyof typeof zh.trail_objects;

/** A code after the word that has words of its own: the kind of what was imported, for one. */
interface Coded {
  group: "import_kinds";
  code: string;
}

/** What was touched. */
export interface Touched {
  word: ObjectWord;
  coded?: Coded;
  /** Which of them, as data has it: a case number, an object's key, a login. */
  name?: string;
  /** The page that shows it. */
  to?: string;
}

type Named = Record<string, string>;
interface Place {
  word: ObjectWord;
  more?: (named: Named) => Omit<Touched, "word">;
}

const page = (to: string) => () => ({ to });
const round = {
  word: "round",
  more: ({ month = "", policy = "" }: Named) => ({ name: `${month} ${policy}`, to: roundPath(`${month}/${policy}`) }),
} as const;
const notice = {
  word: "notice",
  more: ({ id = "" }: Named) => ({ name: `#${id}`, to: `/notices/${encodeURIComponent(id)}` }),
} as const;
const ownReturn = { word: "return", more: ({ id = "" }: Named) => ({ name: id }) } as const;
const numbered = { word: "recording", more: ({ id = "" }: Named) => ({ name: `r${id}` }) } as const;
const imported = {
  word: "import",
  more: ({ kind = "" }: Named) => ({
    coded: { group: "import_kinds" as const, code: kind },
    to: `/system/imports?kind=${encodeURIComponent(kind)}`,
  }),
} as const;
const account = { word: "user", more: ({ id = "" }: Named) => ({ name: `#${id}`, to: "/system/users" }) } as const;

/**
 * Each address that takes more than to be there, below `/api/v1/`, and what it is about. The first that fits counts.
 */
const PLACES: [string, Place][] = [
  ["audit", { word: "audit", more: page("/cases") }],
  ["audit-trail", { word: "trail", more: page("/system/trail") }],
  ["bundles/{kind}/{id}", { word: "bundle" }],
  ["cases", { word: "cases", more: page("/cases") }],
  ["cases/{*case_no}", { word: "case", more: ({ case_no = "" }) => ({ name: case_no, to: casePath(case_no) }) }],
  ["coverage", { word: "coverage", more: page("/drones") }],
  ["coverage/geojson", { word: "coverage", more: page("/drones") }],
  ["events", { word: "events" }],
  ["excuses", { word: "excuse" }],
  ["excuses/{id}/withdraw", { word: "excuse", more: ({ id = "" }) => ({ name: id }) }],
  ["fixity", { word: "fixity", more: page("/proof") }],
  ["identities", { word: "identity", more: page("/system/users") }],
  ["imports/{kind}", imported],
  ["imports/{kind}/template", imported],
  ["log", { word: "log", more: page("/proof") }],
  ["log/verify", { word: "bundle", more: page("/proof") }],
  ["log/{*part}", { word: "log", more: page("/proof") }],
  ["notices", { word: "notices", more: page("/notices") }],
  ["notices/drafts", { word: "notices", more: page("/notices") }],
  ["notices/escalations", { word: "notices", more: page("/notices") }],
  ["notices/{id}", notice],
  ["notices/{id}/{*act}", notice],
  ["overview", { word: "overview", more: page("/") }],
  ["policies", { word: "policy", more: page("/system") }],
  ["policies/{name}", { word: "policy", more: ({ name = "" }) => ({ name, to: "/system" }) }],
  ["quarantine", { word: "quarantine", more: page("/intake") }],
  ["quarantine/{id}/retry", { word: "quarantine", more: ({ id = "" }) => ({ name: `#${id}`, to: "/intake" }) }],
  ["reconcile", { word: "reconcile", more: page("/intake") }],
  ["recordings", { word: "recordings", more: page("/recordings") }],
  ...["media", "versions", "inspection", "preview", "thumbnail", "filmstrip", "links"].map((part): [string, Place] => [
    `recordings/r{id}/${part}`,
    numbered,
  ]),
  [
    "recordings/{*object_key}",
    { word: "recording", more: ({ object_key = "" }) => ({ name: object_key, to: recordingPath(object_key) }) },
  ],
  ["report", { word: "return" }],
  ["retention", { word: "retention", more: page("/proof") }],
  ["retention/recordings", { word: "retention", more: page("/proof") }],
  ["returns", { word: "return" }],
  ["returns/{id}/{*act}", ownReturn],
  ["rounds", { word: "rounds", more: page("/rounds") }],
  ["rounds/{month}/{policy}", round],
  ["rounds/{month}/{policy}/{*act}", round],
  ["schedule", { word: "schedule", more: page("/intake") }],
  ["scores", { word: "scores", more: page("/notices") }],
  ["session", { word: "session" }],
  ["session/password", { word: "session" }],
  ["sources", { word: "sources", more: page("/intake") }],
  ["tokens", { word: "token" }],
  ["tokens/{id}", { word: "token", more: ({ id = "" }) => ({ name: `#${id}` }) }],
  ["units", { word: "unit", more: page("/system/units") }],
  ["users", { word: "user", more: page("/system/users") }],
  ["users/{id}", account],
  ["users/{id}/password", account],
  ["visits", { word: "visit", more: page("/notices") }],
];

const BASE = "/api/v1/";

/** An address as an expression over addresses, with a group for each name in it. */
const PATTERNS = PLACES.map(([address, place]) => {
  const pattern = address
    .split(/(\{\*?\w+\})/)
    .map((part) => {
      const [, all, name] = /^\{(\*?)(\w+)\}$/.exec(part) ?? [];
      return name ? `(?<${name}>${all ? ".+" : "[^/]+"})` : part.replaceAll(".", "\\.");
    })
    .join("");
  return { pattern: new RegExp(`^${pattern}$`), place };
});

/** A part of an address as it was meant; one that is no encoding of anything is shown as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What an address is about; `null` if that is not known, for an address of a newer service. */
function touchedAt(address: string): Touched | null {
  if (!address.startsWith(BASE)) return null;
  const path = address.slice(BASE.length);
  for (const { pattern, place } of PATTERNS) {
    const found = pattern.exec(path);
    if (!found) continue;
    const named = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, text]) => [name, decoded(text)]));
    // The address of an act stands for all of its kind: there is no one thing then.
    const any = Object.values(named).some((text) => /\{.*\}/.test(text));
    return { word: place.word, ...(any ? {} : place.more?.(named)) };
  }
  return null;
}

const ofUser = (login: string): Touched => ({ word: "user", name: login, to: "/system/users" });
const ofToken = (name: string): Touched => ({ word: "token", name });
const ofRecording = (key: string): Touched => ({ word: "recording", name: key, to: recordingPath(key) });

/** Acts with names of their own, whose object is no address. */
const NAMED: Record<string, (subject: string) => Touched> = {
  add_user: ofUser,
  change_user: ofUser,
  set_password: ofUser,
  set_up: ofUser,
  link_identity: ofUser,
  add_token: ofToken,
  revoke_token: (id) => ofToken(`#${id}`),
  view_media: ofRecording,
  view_preview: ofRecording,
  view_stills: ofRecording,
  make_link: ofRecording,
  // The name of a file, in which signs that lead out of a folder were replaced: no sure way back to what it is about.
  make_bundle: (file) => ({ word: "bundle", name: file.replace(/^(case|round|recording)-/, "") }),
};

/** What a line is about; `null` where nothing is, or nothing that we have words for. */
export function touched({ act, subject }: Pick<TrailLine, "act" | "subject">): Touched | null {
  const named = NAMED[act];
  if (named) return subject ? named(subject) : null;
  return touchedAt(subject || act) ?? touchedAt(act);
}

/** What was asked for, to the letter. */
export const rawObject = ({ act, subject }: Pick<TrailLine, "act" | "subject">): string =>
  subject || (act.startsWith("/") ? act : "");

/**
 * Under which name an act's words stand in `trail_acts`: `/api/v1/notices/{id}/issue` is `notices_issue`. Reading is
 * written down by its address only where it was refused, and has one word for all.
 */
export const actWord = ({ act, detail }: { act: string; detail?: Record<string, string> }): string =>
  detail?.method === "GET"
    ? "read"
    : [
        ...(detail?.method === "DELETE" || detail?.method === "PATCH" ? [detail.method.toLowerCase()] : []),
        ...act
          .replace(BASE, "")
          .split("/")
          .filter((part) => !part.includes("{")),
      ].join("_");

const ofRound = (act: string) => `${BASE}rounds/{month}/{policy}/${act}`;

/** Acts that one can ask for: those that write a line when all is well. */
export const ACTS: string[] = [
  ...["sign_in", "sign_out", "set_up", "add_user", "change_user", "set_password", "link_identity"],
  ...["add_token", "revoke_token", "view_media", "view_preview", "view_stills", "make_link", "make_bundle"],
  `${BASE}rounds`,
  ...["seed", "draw", "redraw", "skips", "substitutes", "extras"].map(ofRound),
  ...["assignments", "reassignments", "verdicts", "statements", "decisions"].map(ofRound),
  ...["excuses", "excuses/{id}/withdraw", "visits", "notices/drafts", "notices/escalations"].map((one) => BASE + one),
  ...["issue", "reply", "close", "withdraw"].map((act) => `${BASE}notices/{id}/${act}`),
  ...["returns", "returns/{id}/sent", "imports/{kind}", "quarantine/{id}/retry"].map((one) => BASE + one),
  `${BASE}log/verify`,
];
