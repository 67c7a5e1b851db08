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

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Asks the service. */
export async function ask<T>(method: Method, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method,
      signal,
      credentials: "same-origin",
      headers:
        body === undefined
          ? { accept: "application/json" }
          : { accept: "application/json", "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure(null);
  }
  const isJson = answer.headers.get("content-type")?.includes("json") ?? false;
  if (!answer.ok) {
    const problem = isJson ? ((await answer.json()) as Problem) : null;
    throw new Failure(problem ?? unknownProblem(answer.status));
  }
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
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
