// Requests to the server: JSON in and out, refusals as `Refused`.

import type { Bytes } from "../crypto/bytes";
import { handleServerTime } from "./clock";
import type { FunnelCounts, LoginSession, Setting, StorageOverTime } from "./console-types";
import { type Code, Refused } from "./errors";
import type { Download, Export, ExportWish, Forecast } from "./export-types";
import type {
  Account,
  Act,
  AdminMeeting,
  AuditEvent,
  AuditQuery,
  FigureDays,
  Figures,
  Info,
  ListedAccount,
  LogStanding,
  Meeting,
  Notice,
  NoticeDraft,
  NoticeStanding,
  Outline,
  Overview,
  PeopleOfMeeting,
  QueueState,
  Record,
  ReleasePage,
  Role,
  Seat,
  Terms,
  WatchedGeneration,
  WatchPart,
} from "./types";

const SECONDS = 30;
/** For 8 MB: at 30 kB/s. */
const CHUNK_SECONDS = 300;
/** What a server says, or a proxy before it, that cannot answer now; RFC 9110, section 15. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

async function request(
  method: "GET" | "POST",
  path: string,
  body?: object,
  token?: string,
): Promise<unknown> {
  let answer: Response;
  let content: unknown;
  try {
    answer = await fetch(path, {
      method,
      signal: AbortSignal.timeout(SECONDS * 1000),
      ...(body && { headers: headers(token), body: JSON.stringify(body) }),
    });
    handleServerTime(Date.parse(answer.headers.get("Date") ?? ""));
    content = await answer.json();
  } catch (error) {
    throw new Refused(error instanceof SyntaxError ? "not-understood" : "unreachable");
  }
  if (answer.ok) return content;
  throw refusal(content, answer.headers.get("Retry-After"));
}

function headers(token?: string): HeadersInit {
  return {
    "Content-Type": "application/json",
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
}

/** Ask for what comes as a stream of bytes; it is the caller's to read, and to stop. */
async function stream(
  path: string,
  body: object,
  token: string,
  stop: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: "POST",
      signal: stop,
      headers: headers(token),
      body: JSON.stringify(body),
    });
  } catch (error) {
    if (stop.aborted) throw error;
    throw new Refused("unreachable");
  }
  if (answer.ok && answer.body !== null) return answer.body;
  const content: unknown = await answer.json().catch(() => null);
  throw refusal(content, answer.headers.get("Retry-After"));
}

interface Told {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly field?: unknown;
  readonly reason?: unknown;
  by?: unknown;
  at?: unknown;
}

function refusal(content: unknown, retryAfter: string | null): Refused {
  const error =
    typeof content === "object" && content !== null && "error" in content
      ? (content.error as Told | null)
      : null;
  if (typeof error?.code !== "string") return new Refused("not-understood");
  const seconds = Number(retryAfter);
  return new Refused(
    error.code as Code,
    typeof error.message === "string" ? error.message : "",
    typeof error.field === "string" ? error.field : null,
    retryAfter !== null && Number.isFinite(seconds) ? seconds : null,
    typeof error.reason === "string" ? error.reason : null,
    typeof error.at === "number" && isActor(error.by) ? { by: error.by, at: error.at } : null,
  );
}

function isActor(value: unknown): value is Act["by"] {
  return value === "host" || value === "administrator" || value === "operator";
}

/** The same for what is not read here but kept: its exact bytes. */
function fetchBytes(path: string, body: object): Promise<Bytes> {
  return bytesOf(path, {
    method: "POST",
    signal: AbortSignal.timeout(SECONDS * 1000),
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** A chunk of a data set; a slow line may take its time, as long as `stop` does not end it. */
function fetchChunk(path: string, stop: AbortSignal): Promise<Bytes> {
  const timeout = AbortSignal.timeout(CHUNK_SECONDS * 1000);
  return bytesOf(path, { signal: AbortSignal.any([stop, timeout]) });
}

async function bytesOf(path: string, what: RequestInit): Promise<Bytes> {
  let answer: Response;
  let bytes: Bytes;
  try {
    answer = await fetch(path, what);
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new Refused("unreachable");
  }
  if (answer.ok) return bytes;
  let content: unknown = null;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Not ours: told as not understood.
  }
  throw refusal(content, answer.headers.get("Retry-After"));
}

/** What the server shows everybody now: what a cache has kept is what it has shown before. */
async function fetchPublic(path: string): Promise<Bytes> {
  let answer: Response;
  let bytes: Bytes;
  try {
    answer = await fetch(path, {
      signal: AbortSignal.timeout(SECONDS * 1000),
      cache: "no-store",
    });
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new Refused("unreachable");
  }
  if (answer.ok) return bytes;
  throw new Refused(PASSING.has(answer.status) ? "unreachable" : "not-found");
}

async function get<Answer>(path: string): Promise<Answer> {
  return (await request("GET", path)) as Answer;
}

async function post<Answer>(path: string, body: object = {}): Promise<Answer> {
  return (await request("POST", path, body)) as Answer;
}

function meeting(id: string): string {
  return `/api/meetings/${encodeURIComponent(id)}`;
}

function account(id: string): string {
  return `/api/admin/accounts/${encodeURIComponent(id)}`;
}

function dataSet(id: string): string {
  return `/api/admin/exports/${encodeURIComponent(id)}`;
}

function downloading(id: string): string {
  return `/api/admin/downloads/${encodeURIComponent(id)}`;
}

const PAGE = 200;

/** The beginning of a list that the server gives in pages, and whether there is more of it. */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

interface Page<Row> {
  readonly meetings?: readonly Row[];
  readonly exports?: readonly Row[];
  readonly accounts?: readonly Row[];
  readonly after: string | null;
}

async function listed<Row>(
  path: string,
  name: Exclude<keyof Page<Row>, "after">,
  most: number,
): Promise<Listed<Row>> {
  const rows: Row[] = [];
  let after: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, most - rows.length)) });
    if (after !== null) query.set("after", after);
    const page: Page<Row> = await get<Page<Row>>(`${path}?${query.toString()}`);
    rows.push(...(page[name] ?? []));
    after = page.after;
  } while (after !== null && rows.length < most);
  return { rows, more: after !== null };
}

/** A query of what is asked for; what is null is not. */
function query(asked: Readonly<globalThis.Record<string, string | number | null>>): string {
  const given = Object.entries(asked).flatMap(([name, value]) =>
    value === null ? [] : [[name, String(value)]],
  );
  return new URLSearchParams(given).toString();
}

/** A share as a query has it: never as 1e-7. */
function share(given: number | null): string | null {
  return given === null ? null : given.toFixed(9);
}

let known: Promise<Info> | null = null;

export const api = {
  /** What does not change while the page is open; asked for once. */
  info: (): Promise<Info> => {
    known ??= get<Info>("/api/info").catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  },
  me: () => get<{ account: Account | null }>("/api/me"),
  signIn: (login: string, password: string) =>
    post<{ account: Account }>("/api/sign-in", { login, password }),
  signOut: () => post<object>("/api/sign-out"),

  sessions: () => get<{ sessions: LoginSession[] }>("/api/sessions"),
  endSession: (id: string) => post<object>(`/api/sessions/${encodeURIComponent(id)}/end`),
  endOtherSessions: () => post<object>("/api/sessions/end-others"),

  invite: (role: Role) => post<{ url: string; expires_at: number }>("/api/invitations", { role }),
  inspectInvitation: (token: string) =>
    post<{ role: Role; expires_at: number }>("/api/invitations/inspect", { token }),
  acceptInvitation: (token: string, name: string, login: string, password: string) =>
    post<{ account: Account }>("/api/invitations/accept", { token, name, login, password }),

  inspectReset: (token: string) =>
    post<{ login: string; role: Role; expires_at: number }>("/api/password/inspect", { token }),
  setPassword: (token: string, password: string) =>
    post<{ account: Account }>("/api/password", { token, password }),

  meetings: (most: number) => listed<Meeting>("/api/meetings", "meetings", most),
  terms: () => get<Terms>("/api/meetings/terms"),
  createMeeting: (wish: { title: string; room: string; door: string; lifetime_hours: number }) =>
    post<{ meeting: Meeting }>("/api/meetings", wish),
  newLink: (id: string, door: string) => post<{ ordinal: number }>(`${meeting(id)}/link`, { door }),
  endMeeting: (id: string) => post<{ meeting: Meeting }>(`${meeting(id)}/end`),
  peopleOf: (id: string) => get<PeopleOfMeeting>(`${meeting(id)}/people`),
  revoke: (id: string, person: string | null, purpose: Act["purpose"]) =>
    post<{ revoked: Act; meeting: Meeting }>(`${meeting(id)}/revoke`, { person, purpose }),
  seat: (id: string, door: string) => post<Seat>(`${meeting(id)}/seat`, { door }),
  hostSeat: (id: string) => post<Seat>(`${meeting(id)}/host-seat`),

  receipt: (document: string, signature: string) =>
    post<Record>("/api/receipt", { request: document, signature }),
  receiptFile: (document: string, signature: string) =>
    fetchBytes("/api/receipt/file", { request: document, signature }),
  answer: (statement: string, signature: string, sealed: string | null) =>
    post<Record>("/api/answers", { statement, signature, sealed }),

  watch: (document: string, signature: string) =>
    post<Outline>("/api/watch", { request: document, signature }),
  watchGeneration: async (
    token: string,
    number: number,
    closing: boolean,
  ): Promise<WatchedGeneration> =>
    (await request(
      "POST",
      "/api/watch/generation",
      { number, closing },
      token,
    )) as WatchedGeneration,
  watchSegments: (token: string, number: number, parts: readonly WatchPart[], stop: AbortSignal) =>
    stream("/api/watch/segments", { number, parts }, token, stop),

  /** The newest head of the log, a signed note. */
  checkpoint: async () => new TextDecoder().decode(await fetchPublic("/log/checkpoint")),
  /** A tile of the log; whoever serves it may serve anything. */
  tile: (path: string) => fetchPublic(`/log/tile/${path}`),

  admin: {
    meetings: (most: number) => listed<AdminMeeting>("/api/admin/meetings", "meetings", most),
    exports: (most: number) => listed<Export>("/api/admin/exports", "exports", most),
    /** With how many administrators have to approve what another one asks for. */
    exportForecast: (wish: ExportWish) =>
      get<{ forecast: Forecast; approvals: number }>(
        `/api/admin/exports/forecast?${query({
          since: wish.since,
          until: wish.until,
          audio_only: String(wish.audio_only),
          again: wish.again,
          include_exported: String(wish.include_exported),
          languages: wish.languages.length === 0 ? null : wish.languages.join(","),
          least_seconds: wish.least_seconds,
          most_filled: share(wish.most_filled),
          most_clipped: share(wish.most_clipped),
        })}`,
      ),
    requestExport: (wish: ExportWish) => post<{ export: Export }>("/api/admin/exports", wish),
    approveExport: (id: string) => post<{ export: Export }>(`${dataSet(id)}/approve`),
    declineExport: (id: string) => post<{ export: Export }>(`${dataSet(id)}/decline`),
    takeBackExport: (id: string) => post<{ export: Export }>(`${dataSet(id)}/take-back`),
    askForDownload: (id: string, key: string) =>
      post<{ download: Download }>(`${dataSet(id)}/download`, { key }),
    download: (id: string) => get<{ download: Download }>(downloading(id)),
    chunk: (id: string, number: number, stop: AbortSignal) =>
      fetchChunk(`${downloading(id)}/chunks/${number}`, stop),
    chunkTaken: (id: string, number: number) =>
      post<{ download: Download }>(`${downloading(id)}/taken`, { number }),
    cancelDownload: (id: string) => post<{ download: Download }>(`${downloading(id)}/cancel`),
    approveDownload: (id: string) => post<{ download: Download }>(`${downloading(id)}/approve`),
    declineDownload: (id: string) => post<{ download: Download }>(`${downloading(id)}/decline`),
    releases: (state: QueueState | null, after: string | null, limit: number) =>
      get<ReleasePage>(`/api/admin/releases?${query({ state, after, limit })}`),
    retryRelease: (id: string) =>
      post<{ retry: { asked_at: number } }>(`/api/admin/releases/${encodeURIComponent(id)}/retry`),
    figures: (days: FigureDays) => get<Figures>(`/api/admin/figures?${query({ days })}`),
    funnel: (days: FigureDays) => get<FunnelCounts>(`/api/admin/funnel?${query({ days })}`),
    storage: (days: FigureDays) => get<StorageOverTime>(`/api/admin/storage?${query({ days })}`),
    settings: () => get<{ settings: Setting[] }>("/api/admin/settings"),
    audit: (asked: AuditQuery, after: string | null, limit: number) =>
      get<{ events: AuditEvent[]; after: string | null }>(
        `/api/admin/audit?${query({ ...asked, after, limit })}`,
      ),
    /** Where the browser itself fetches all of it: a file of any length, as it comes. */
    auditFile: (asked: AuditQuery, format: "csv" | "json") =>
      `/api/admin/audit/file?${query({ ...asked, format })}`,
    accounts: (most: number) => listed<ListedAccount>("/api/admin/accounts", "accounts", most),
    setDisabled: (id: string, disabled: boolean) =>
      post<{ account: ListedAccount }>(`${account(id)}/disabled`, { disabled }),
    resetPassword: (id: string) =>
      post<{ url: string; expires_at: number }>(`${account(id)}/reset`),
    log: () => get<LogStanding>("/api/admin/log"),
    overview: () => get<Overview>("/api/admin/overview"),
    notices: () => get<NoticeStanding>("/api/admin/notices"),
    noticeText: (digest: string) => get<Notice>(`/api/notices/${encodeURIComponent(digest)}`),
    previewNotice: (words: Readonly<globalThis.Record<string, string>>) =>
      post<NoticeDraft>("/api/admin/notices/preview", { words }),
    publishNotice: (words: Readonly<globalThis.Record<string, string>>, version: number) =>
      post<NoticeStanding>("/api/admin/notices", { words, version }),
  },
};
