// What the pages say in English, a file a page; zh.ts has the same names, a test sees to it.

import { cases } from "./en/cases.ts";
import { drones } from "./en/drones.ts";
import { frame } from "./en/frame.ts";
import { intake } from "./en/intake.ts";
import { notices } from "./en/notices.ts";
import { proof } from "./en/proof.ts";
import { recordings } from "./en/recordings.ts";
import { rounds } from "./en/rounds.ts";
import { system } from "./en/system.ts";

export const en = {
  ...frame,
  ...cases,
  ...recordings,
  ...rounds,
  ...notices,
  ...intake,
  ...drones,
  ...proof,
  ...system,
} as const;
