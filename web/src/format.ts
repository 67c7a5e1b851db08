// How times, lengths and sizes are written. The service writes every time with Shanghai's offset, so its own
// digits are what people read, wherever the browser stands.

export type Language = "zh" | "en";

export const day = (time: string): string => time.slice(0, 10);
export const clock = (time: string): string => time.slice(11, 19);
/** `2024-05-13 09:41` */
export const moment = (time: string): string => time.slice(0, 16).replace("T", " ");
/** `2024-05-13 09:41:07` */
export const exactMoment = (time: string): string => `${day(time)} ${clock(time)}`;
/** From – to, the day only once where it is the same. */
export const span = (start: string, end: string): string =>
  day(start) === day(end) ? `${moment(start)}–${end.slice(11, 16)}` : `${moment(start)} – ${moment(end)}`;

export const millis = (time: string): number => Date.parse(time);

const SHANGHAI_MS = 8 * 3600 * 1000;

/** The last day until a deadline: where that is midnight, the day which ends then. */
export const lastDay = (time: string): string => day(clock(time) === "00:00:00" ? shanghai(millis(time) - 1) : time);

/** A deadline as people keep it: its last day where it is the end of one, else to the minute. */
export const deadline = (time: string): string => (clock(time) === "00:00:00" ? lastDay(time) : moment(time));

/** Now, as the clock of this machine has it, in Shanghai's digits: `2024-05-13 09:41`. */
export const shanghaiNow = (): string => moment(new Date(Date.now() + SHANGHAI_MS).toISOString());

/** A moment given in milliseconds since 1970, as Shanghai reads it: `2024-05-13T09:41:07.250+08:00`. */
export const shanghai = (ms: number): string =>
  new Date(Math.round(ms) + SHANGHAI_MS).toISOString().replace("Z", "+08:00");

const two = (n: number): string => String(n).padStart(2, "0");

/** A length: `7.0 秒`, `3分12秒`, `1小时02分` / `7.0 s`, `3 min 12 s`, `1 h 02 min`. Never rounded up. */
export function length(us: number, language: Language): string {
  const ms = Math.floor(Math.abs(us) / 1000);
  const s = Math.floor(ms / 1000);
  const [minutes, hours] = [Math.floor(s / 60), Math.floor(s / 3600)];
  const days = Math.floor(hours / 24);
  if (language === "en") {
    if (s < 60) return `${s}.${Math.floor((ms % 1000) / 100)} s`;
    if (hours < 1) return `${minutes} min ${two(s % 60)} s`;
    if (days < 2) return `${hours} h ${two(minutes % 60)} min`;
    return `${days} d ${hours % 24} h`;
  }
  if (s < 60) return `${s}.${Math.floor((ms % 1000) / 100)}秒`;
  if (hours < 1) return `${minutes}分${two(s % 60)}秒`;
  if (days < 2) return `${hours}小时${two(minutes % 60)}分`;
  return `${days}天${hours % 24}小时`;
}

/** A place in a recording: `00:01:15`, with tenths where `exact`. */
export function place(us: number, exact = false): string {
  const ms = Math.max(0, Math.floor(us / 1000));
  const s = Math.floor(ms / 1000);
  const text = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return exact ? `${text}.${Math.floor((ms % 1000) / 100)}` : text;
}

export const number = (n: number): string => new Intl.NumberFormat("en-US").format(n);

export const seconds = (us: number): string => number(Math.floor(us / 1e6));

/** A share in per cent with one digit, never rounded up: 100.0% is said of the whole alone. */
export function percent(part: number, whole: number): string {
  if (whole <= 0) return "–";
  const permille = Math.floor((part / whole) * 1000);
  return `${Math.floor(permille / 10)}.${permille % 10}%`;
}

export function bytes(n: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  let value = n;
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${at === 0 ? value : value.toFixed(1)} ${units[at]}`;
}

/** `2024年5月` / `2024-05`. */
export function monthName(month: string, language: Language): string {
  if (language === "en") return month;
  const [year, digits] = month.split("-");
  return `${year}年${Number(digits)}月`;
}

/** The month after. */
export function nextMonth(month: string): string {
  const [year = 0, digits = 1] = month.split("-").map(Number);
  return digits === 12 ? `${year + 1}-01` : `${year}-${two(digits + 1)}`;
}

/** Whole days from the day of `now` to `date`, negative once it is past. */
export const daysUntil = (date: string, now: string): number =>
  Math.round((Date.parse(`${date}T00:00:00+08:00`) - Date.parse(`${day(now)}T00:00:00+08:00`)) / 86_400_000);
