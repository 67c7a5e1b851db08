// What the service sends, as far as the pages use it, a file a subject. Times are RFC 3339 with Shanghai's offset,
// lengths and places in media are whole microseconds.

export type * from "./types/common.ts";
export type * from "./types/overview.ts";
export type * from "./types/cases.ts";
export type * from "./types/recordings.ts";
export type * from "./types/rounds.ts";
export type * from "./types/notices.ts";
export type * from "./types/intake.ts";
export type * from "./types/drones.ts";
export type * from "./types/proof.ts";
export type * from "./types/system.ts";
