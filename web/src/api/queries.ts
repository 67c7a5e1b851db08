// What the pages read, by name. A month that was read stays fresh for a minute: judging a month anew costs the
// service a computation.

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Failure, address, get, key } from "./client.ts";
import type {
  AdvisedPage,
  Agreement,
  Alteration,
  Audit,
  CaseFile,
  CasePage,
  Coverage,
  ExcuseEntry,
  Fixity,
  GeoJson,
  Inspection,
  LogEntries,
  LogNow,
  MonthlyReturn,
  Notice,
  ObjectReading,
  Overview,
  PolicyDocument,
  PolicyLine,
  QuarantinePage,
  Reconciliation,
  Recording,
  RecordingPage,
  Retention,
  ReturnEntry,
  Round,
  RoundLine,
  RoundReview,
  ScheduleStep,
  ScoreSheet,
  Source,
  TrailLine,
  Unit,
  User,
  Visit,
} from "./types.ts";

const FRESH_MS = 60_000;

/** Entries of the log that are shown. */
const LATEST_ENTRIES = 20;

function useRead<T>(name: readonly unknown[], url: string, enabled = true) {
  return useQuery({ queryKey: name, queryFn: ({ signal }) => get<T>(url, signal), staleTime: FRESH_MS, enabled });
}

const unknownAddress = (failure: Failure): boolean => failure.code === "not_found";

/** Of something below a recording, which a service that does not have it takes for the key of another. */
const useOfferedOf = <T>(name: readonly unknown[], url: string, enabled: boolean) =>
  useOffered<T>(name, url, enabled, (failure) => failure.status === 404);

/** Like `useRead`, for what a version of the service may not have: then the answer is `null`. */
function useOffered<T>(name: readonly unknown[], url: string, enabled = true, lacks = unknownAddress) {
  return useQuery({
    queryKey: name,
    staleTime: FRESH_MS,
    enabled,
    queryFn: async ({ signal }): Promise<T | null> => {
      try {
        return await get<T>(url, signal);
      } catch (error) {
        if (error instanceof Failure && lacks(error)) return null;
        throw error;
      }
    },
  });
}

export const useOverview = (month: string | null) =>
  useRead<Overview>(["overview", month], address("overview", { month }));

export const useAudit = (month: string | null, enabled = true) =>
  useRead<Audit>(["audit", month], address("audit", { month }), enabled);

/** What a list is narrowed down by and sorted by, as its address takes it. */
export type Query = Record<string, string | null>;

/** A list of the service, a page after another. */
const usePages = <P extends { next: string | null }>(name: string, query: Query, limit: number, enabled = true) =>
  useInfiniteQuery({
    queryKey: [name, query],
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => get<P>(address(name, { ...query, limit, after: pageParam }), signal),
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useCases = (query: Query) => usePages<CasePage>("cases", query, 200);

export const useCase = (caseNo: string) => useRead<CaseFile>(["case", caseNo], address(`cases/${key(caseNo)}`));

/** Rows of a page whose rows have much to say: two screens full, which are there before one notices. */
const MANY_COLUMNS = 50;

export const useRecordings = (query: Query) => usePages<RecordingPage>("recordings", query, MANY_COLUMNS);

/** What is there and not usable. */
export const useQuarantine = (query: Query) => usePages<QuarantinePage>("quarantine", query, MANY_COLUMNS);

export const useRecording = (objectKey: string) =>
  useRead<{ object_key: string; recordings: Recording[] }>(
    ["recording", objectKey],
    address(`recordings/${key(objectKey)}`),
  );

export const useInspection = (id: string | undefined) =>
  useOfferedOf<Inspection>(["inspection", id], address(`recordings/${key(id ?? "")}/inspection`), id !== undefined);

/** Every version of an object, and every reading of it. */
export const useVersions = (id: string | undefined) =>
  useOfferedOf<{ readings: ObjectReading[]; alterations: Alteration[] }>(
    ["versions", id],
    address(`recordings/${key(id ?? "")}/versions`),
    id !== undefined,
  );

export const useRounds = (query: Query = {}) =>
  useRead<{ rounds: RoundLine[] }>(["rounds", query], address("rounds", query));

export const useRound = (id: string) => useRead<Round>(["round", id], address(`rounds/${key(id)}`));

export const useReview = (id: string, enabled = true) =>
  useRead<RoundReview>(["review", id], address(`rounds/${key(id)}/review`), enabled);

export const useAgreement = (id: string, enabled = true) =>
  useRead<Agreement>(["agreement", id], address(`rounds/${key(id)}/agreement`), enabled);

/** Notices in short, for what is to be done about them; a month has some dozens at most. */
export const useNotices = (query: Query = {}) =>
  useRead<{ notices: Notice[] }>(["notices", query], address("notices", query));

export const useScores = (month: string | null, enabled = true) =>
  useRead<ScoreSheet>(["scores", month], address("scores", { month }), enabled);

export const useReturns = (enabled = true) =>
  useRead<{ returns: ReturnEntry[] }>(["returns"], address("returns"), enabled);

export const useReport = (month: string) => useRead<MonthlyReturn>(["report", month], address("report", { month }));

export const useExcuses = (stage: string) =>
  useRead<{ excuses: ExcuseEntry[] }>(["excuses", stage], address("excuses", { stage }));

export const useVisits = (query: Query = {}) =>
  useRead<{ visits: Visit[] }>(["visits", query], address("visits", query));

export const useUnits = () => useOffered<{ units: Unit[] }>(["units"], address("units"));

export const usePolicies = () => useOffered<{ policies: PolicyLine[] }>(["policies"], address("policies"));

export const usePolicy = (name: string) =>
  useOffered<PolicyDocument>(["policy", name], address(`policies/${key(name)}`), name !== "");

/** What of the footage must be kept, and what may go. */
export const useRetention = () => useOffered<Retention>(["retention"], address("retention"));

/** The recordings of a month with what is advised of each. */
export const useAdvised = (month: string, advice: string) =>
  usePages<AdvisedPage>("retention/recordings", { month, advice }, 100);

/** Whether stored footage is still what was recorded. */
export const useFixity = () => useOffered<Fixity>(["fixity"], address("fixity"));

export const useLog = () => useOffered<LogNow>(["log"], address("log"));

/** The last entries of a log of this size, latest first. */
export const useLogEntries = (size: number) =>
  useQuery({
    queryKey: ["log", "entries", size],
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
    enabled: size > 0,
    queryFn: async ({ signal }) => {
      const after = size > LATEST_ENTRIES ? size - LATEST_ENTRIES - 1 : null;
      const page = await get<LogEntries>(address("log/entries", { after, limit: LATEST_ENTRIES }), signal);
      return page.entries.reverse();
    },
  });

export const useSources = () => useOffered<{ sources: Source[] }>(["sources"], address("sources"));

export const useSchedule = () => useRead<{ steps: ScheduleStep[] }>(["schedule"], address("schedule"));

export const useReconciliation = (month: string | null, enabled = true) =>
  useOffered<Reconciliation>(["reconciliation", month], address("reconcile", { month }), enabled);

export const useUsers = (query: Query = {}) => useOffered<{ users: User[] }>(["users", query], address("users", query));

/** The access trail, latest first or sorted, a page after another. */
export const useTrail = (query: Query, enabled: boolean) =>
  usePages<{ lines: TrailLine[]; next: string | null }>("audit-trail", query, 200, enabled);

export const useCoverage = (month: string | null) =>
  useOffered<Coverage>(["coverage", month], address("coverage", { month }));

export const useCoverageMap = (month: string | null, enabled: boolean) =>
  useOffered<GeoJson>(["coverage_map", month], address("coverage/geojson", { month }), enabled);
