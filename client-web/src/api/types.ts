// What the server says over HTTP, as server/PROTOCOL.md section 2 has it.

export interface Info {
  operator: { name: string; contact: string };
  build: string;
  server_key: string;
  vault_identity: string | null;
  /** What the server vouches for its log with. */
  log: SignedDocument;
  /** Whether people in a meeting are shown who has agreed to the recording. */
  shows_names: boolean;
  languages: string[];
  version: string;
}

export type Role = "host" | "administrator";

export interface Account {
  id: string;
  name: string;
  login: string;
  role: Role;
}

export interface ListedAccount extends Account {
  created_at: number;
  disabled: boolean;
}

/** The head of the log that everybody is shown, and how witnesses stand to it. */
export interface LogStanding {
  origin: string;
  vkey: string;
  size: number;
  root: string;
  shown_at: number;
  problem: string | null;
  witnesses: { name: string; size: number | null; problem: string | null }[];
}

/** What may be asked in a meeting: each kind has words of its own. */
export const NOTICE_KINDS = ["both", "recording", "nothing"] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** The version of the notice that new meetings get. */
export interface NoticeStanding {
  version: number;
  published_at: number | null;
  /** Null where the server published it at a start. */
  by: { id: string; name: string; login: string } | null;
  /** What administrators have added, by language; empty where nothing was. */
  words: globalThis.Record<string, string>;
  without_place: string[];
  /** Most characters in one language. */
  most: number;
  texts: globalThis.Record<NoticeKind, { language: string; digest: string }[]>;
  /** How many keep the words that they have. */
  meetings: { running: number; planned: number };
}

export interface NoticeDraft {
  version: number;
  texts: globalThis.Record<NoticeKind, Notice[]>;
}

/** What is so now; null where nobody can tell. */
export interface Overview {
  at: number;
  ready: boolean;
  reasons: string[];
  warnings: string[];
  disks: Disk[];
  floor: number;
  certificate: { expires_at: number } | null;
  worker: { started_at: number; beat_at: number; silent: boolean; problem: string | null } | null;
  meetings: { running: number; people: number };
  destructions: {
    days: number;
    count: number;
    next: { meeting: string; title: string; at: number }[];
  };
  deletions_owed: number;
  recalls: { data_sets: number; meetings: number };
  exports: {
    requested: number;
    running: { id: string; requested_at: number; meetings_done: number; meetings_total: number }[];
  };
}

export interface Meeting {
  id: string;
  title: string;
  created_at: number;
  expires_at: number;
  started_at: number | null;
  ended_at: number | null;
  locked: boolean;
  recording: boolean;
  training: boolean;
  waiting_room: boolean;
}

export interface SignedDocument {
  document: string;
  signature: string;
}

export interface Notice {
  digest: string;
  language: string;
  text: string;
}

/** What a room has to allow for this server to hold a meeting in it. */
export interface Terms {
  mode: string;
  retention_days: number;
  cooling_off_seconds: number;
  vault: string;
  server: string;
}

export interface Seat {
  token: string;
  host: boolean;
  meeting: Meeting;
  charter: string;
  /** The room document. */
  room: string;
  /** Which link of the meeting opens the door now, from 1. */
  ordinal: number;
  vault_key: SignedDocument | null;
  notices: Notice[];
  limits: { name: number };
}

/** What somebody else took back for a person, or that the meeting was deleted. */
export interface Act {
  purpose: "training" | "recording" | "meeting";
  by: "host" | "administrator" | "operator";
  at: number;
  /** The number of the person's last answer before it. */
  sequence: number;
}

export interface ListedPerson {
  person: string;
  name: string;
  host: boolean;
  revoked: Act[];
}

export interface PeopleOfMeeting {
  people: ListedPerson[];
  deleted: Act | null;
}

export type ReleaseState = "cooling" | "ready" | "claimed" | "exported" | "dropped";

export interface Record {
  meeting: { id: string; title: string; started_at: number | null; ended_at: number | null };
  charter: string;
  vault_key: SignedDocument | null;
  enrolment: SignedDocument;
  answers: (SignedDocument & { received_at: number; acknowledgement: SignedDocument | null })[];
  notices: Notice[];
  /** Whether the person was ever let in; of nobody else is anything of the meeting told. */
  admitted: boolean;
  revoked: Act[];
  released: { state: ReleaseState | "none"; ready_at: number | null };
  generations: number;
  retain_until: number;
  destroyed_at: number | null;
  dropped_because: string | null;
  deletions: { whole: boolean; requested_at: number; confirmed_at: number | null }[];
  /** The data sets that the meeting is in, the last first. */
  exported: {
    data_set: string;
    at: number;
    manifest: string | null;
    recipient: string | null;
    purpose: string | null;
    /** The line of the feed, signed by the vault; that it was fetched is the server's word alone. */
    recall: { line: string; fetched: { first_at: number; last_at: number } | null } | null;
  }[];
}

export interface Outline {
  token: string;
  retain_until: number;
  destroyed_at: number | null;
  running: boolean;
  others: number;
  generations: { number: number; offset: number; length: number | null; interrupted: boolean }[];
  people: { person: string; name: string; host: boolean }[];
  deleted: {
    person: string | null;
    through_generation: number | null;
    confirmed_at: number | null;
  }[];
}

/** A recorded generation as its people get it: boxes are one's own, null once it was destroyed. */
export interface WatchedGeneration {
  number: number;
  header: string;
  signature: string;
  pair: string | null;
  secret: string | null;
  outer: string | null;
  closing: SignedDocument | null;
}

export interface WatchPart {
  track: string;
  first: number;
  last: number;
}

export interface GateReason {
  code: string;
  count?: number | null;
}

export interface AdminMeeting extends Meeting {
  gate: { decision: string; reasons: GateReason[]; decided_at: number } | null;
  release: { state: ReleaseState; ready_at: number; reason: string | null } | null;
  people: number;
  agreed_recording: number;
  agreed_training: number;
  generations: number;
  deleted: Act | null;
}

/** Where a meeting stands on its way out; `dead` could not be exported, of `blocked` the gate never opened. */
export const QUEUE_STATES = [
  "cooling",
  "ready",
  "claimed",
  "exported",
  "dropped",
  "dead",
  "blocked",
] as const;

export type QueueState = (typeof QUEUE_STATES)[number];

export interface QueuedRelease {
  meeting: string;
  title: string;
  created_at: number;
  state: QueueState;
  since: number;
  ready_at: number | null;
  lease_until: number | null;
  reason: string | null;
  gate: AdminMeeting["gate"];
  export: string | null;
  retry: { asked_at: number } | null;
}

export interface ReleasePage {
  releases: QueuedRelease[];
  counts: globalThis.Record<QueueState, number>;
  after: string | null;
}

export const FIGURE_DAYS = [7, 30, 90, 365] as const;

export type FigureDays = (typeof FIGURE_DAYS)[number];

export const FIGURE_SERIES = [
  "meetings",
  "recordings",
  "answers",
  "releases",
  "exports",
  "deletions",
] as const;

export type FigureSeries = (typeof FIGURE_SERIES)[number];

export interface Disk {
  places: string[];
  total: number | null;
  free: number | null;
}

export interface Figures {
  columns: number[];
  series: globalThis.Record<FigureSeries, number[]>;
  disks: Disk[];
}

export const AUDITED_ACTS = [
  "account-made",
  "account-disabled",
  "invitation-made",
  "notice-published",
  "meeting-created",
  "meeting-ended",
  "meeting-destroyed",
  "taken-back",
  "release-queued",
  "release-dropped",
  "retry-asked",
  "export-asked",
  "export-approved",
  "export-declined",
  "export-taken-back",
  "export-ended",
  "download-asked",
  "download-approved",
  "download-declined",
  "download-taken-back",
  "download-ended",
  "data-set-fetched",
  "meeting-exported",
  "deletion-ordered",
  "deletion-seen",
  "clock-confirmed",
] as const;

export type AuditedAct = (typeof AUDITED_ACTS)[number];

export interface AuditEvent {
  at: number;
  what: AuditedAct;
  by: "account" | "operator" | "vault" | "unknown";
  account: { id: string; name: string; login: string } | null;
  meeting: { id: string; title: string } | null;
  detail: string | null;
}

/** What is asked for of the audit trail; null for whichever. */
export interface AuditQuery {
  readonly what: AuditedAct | null;
  readonly who: string | null;
  readonly from: number | null;
  readonly until: number | null;
}
