import type { GeoJson } from "../api/types.ts";

/** The west, south, east and north of everything on the map; `null` of an empty one. */
export function extent(data: GeoJson): [number, number, number, number] | null {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [x, y] = part as unknown[];
    if (typeof x === "number" && typeof y === "number") {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    } else part.forEach(walk);
  };
  for (const feature of data.features) walk(feature.geometry.coordinates);
  return box[0] <= box[2] ? box : null;
}
