// 界面文字（中文），一页一份。英文见 en.ts，两者键名一致由测试保证。

import { cases } from "./zh/cases.ts";
import { drones } from "./zh/drones.ts";
import { frame } from "./zh/frame.ts";
import { intake } from "./zh/intake.ts";
import { notices } from "./zh/notices.ts";
import { proof } from "./zh/proof.ts";
import { recordings } from "./zh/recordings.ts";
import { rounds } from "./zh/rounds.ts";
import { system } from "./zh/system.ts";

export const zh = {
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
