// The one way to the service: JSON in, JSON out, and every failure as a `Failure` that a page can show.

/** What the service says when a request does not come about (RFC 9457), in both languages. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  title_zh: string;
  detail: string;
  detail_zh: string;
  request_id?: string;
  parameter?: string;
  /** Rows of a file that do not hold, where one was sent. */
  problems?: RowProblem[];
}

/** What is wrong with a row of a file. */
export interface RowProblem {
  row: number | null;
  column: string | null;
  detail: string;
  detail_zh?: string;
}

/** A request that did not come about. Without a problem the service could not be reached. */
export class Failure extends Error {
  constructor(readonly problem: Problem | null) {
    super(problem?.title ?? "unreachable");
    this.name = "Failure";
  }

  get code(): string {
    return this.problem?.code ?? "unreachable";
  }

  get status(): number {
    return this.problem?.status ?? 0;
  }
}

const BASE = "/api/v1/";

/** An address of the service; parts that hold data are encoded by `key`. */
export function address(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `${BASE}${path}${search ? `?${search}` : ""}`;
}

/** A key as part of a path: every part encoded, the slashes kept. */
export const key = (text: string): string => text.split("/").map(encodeURIComponent).join("/");

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a request carries besides its address. */
export interface Carried {
  body?: unknown;
  /** Bytes in place of `body`, with the name of the file they came from. */
  file?: File;
  /** Names one intent: the service does it once, however often it is asked with the same. */
  intent?: string;
  /** Only these bytes of the answer. */
  range?: string;
  signal?: AbortSignal;
}

/** A name for one intent, which nobody else will choose. The browser's own way is there over TLS alone. */
export const newIntent = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The answer to a request that the service did not refuse. */
export async function request(method: Method, url: string, carried: Carried = {}): Promise<Response> {
  const { body, file, intent, range, signal } = carried;
  const headers: Record<string, string> = { accept: "application/json" };
  if (file) {
    // What a browser makes of the name of a file is no concern of the service; this is what no form of a page can send.
    headers["content-type"] = "application/octet-stream";
    headers["content-disposition"] = `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  } else if (body !== undefined) headers["content-type"] = "application/json";
  if (intent) headers["idempotency-key"] = intent;
  if (range) headers.range = range;
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      signal,
      credentials: "same-origin",
      headers,
      body: file ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(null);
  }
  if (!answer.ok) {
    const problem = isJson(answer) ? ((await answer.json()) as Problem) : null;
    throw new Failure(problem ?? unknownProblem(answer.status));
  }
  return answer;
}

const isJson = (answer: Response): boolean => answer.headers.get("content-type")?.includes("json") ?? false;

/** Asks the service. */
export async function ask<T>(method: Method, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return read<T>(await request(method, url, { body, signal }));
}

/** Does something that changes what is stored: once, even if it is sent twice. */
export async function write<T>(method: Method, url: string, carried: Carried = {}): Promise<T> {
  return read<T>(await request(method, url, { intent: newIntent(), ...carried }));
}

async function read<T>(answer: Response): Promise<T> {
  if (answer.status === 204 || !isJson(answer)) return undefined as T;
  return (await answer.json()) as T;
}

/** The name that a file is to be saved under, as its header has it (RFC 6266); `null` if it has none. */
export function fileName(disposition: string | null): string | null {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "")?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)"?/.exec(disposition ?? "")?.[1] ?? null;
}

/** Saves what an address answers as a file, and says what went wrong where it does not. */
export async function save(url: string, name: string): Promise<void> {
  const answer = await request("GET", url);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = fileName(answer.headers.get("content-disposition")) ?? name;
  link.click();
  // The browser has to have begun by then; the bytes are let go after.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A refusal without a document: something between the browser and the service spoke. */
function unknownProblem(status: number): Problem {
  return {
    status,
    code: "no_document",
    title: `The answer was ${status}`,
    title_zh: `服务返回 ${status}`,
    detail: "A proxy between this page and the service may have refused; tell whoever runs it.",
    detail_zh: "可能由中间的代理拒绝，请告知系统维护人员。",
  };
}

export const get = <T>(url: string, signal?: AbortSignal): Promise<T> => ask<T>("GET", url, undefined, signal);
