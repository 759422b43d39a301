// Data sets, what they are asked for with, and their downloads, as HTTP tells them.

export type ExportState =
  "proposed" | "requested" | "running" | "done" | "failed" | "declined" | "taken-back" | "lapsed";

export interface Actor {
  readonly id: string;
  readonly name: string;
}

export interface Export {
  id: string;
  state: ExportState;
  requested_at: number;
  requested_by: Actor | null;
  approved_at: number | null;
  approved_by: Actor | null;
  /** When it was declined, or taken back. */
  closed_at: number | null;
  closed_by: Actor | null;
  /** Until when it can be approved. */
  lapses_at: number | null;
  finished_at: number | null;
  meetings_done: number;
  meetings_total: number;
  error: string | null;
  folder: string | null;
  recipient: string | null;
  purpose: string | null;
  /** Days in UTC, the last one included; null where nobody chose. */
  since: string | null;
  until: string | null;
  /** Null where what was chosen cannot be read. */
  audio_only: boolean | null;
  /** The data set of which it is the next version. */
  again: string | null;
  include_exported: boolean | null;
  /** Tags; empty where nobody chose, null where what was chosen cannot be read. */
  languages: string[] | null;
  least_seconds: number | null;
  /** Shares from 0 to 1. */
  most_filled: number | null;
  most_clipped: number | null;
  /** Of its meetings, those that were taken back since. */
  meetings_recalled: number;
  recalls_fetched_at: number | null;
  /** Those that wait or run. */
  downloads: Download[];
}

/** A data set on its way to the page of whoever asked. */
export interface Download {
  id: string;
  export: string;
  state: ExportState;
  requested_at: number;
  requested_by: Actor | null;
  approved_at: number | null;
  approved_by: Actor | null;
  /** When it ends if nothing is heard of its page until then. */
  lapses_at: number;
  /** Of the whole; null until the vault has looked. */
  bytes: number | null;
  chunks: number | null;
  sealed: number;
  taken: number;
  /** Why it failed, or what it waits for. */
  error: string | null;
}

/** What narrows an export: everything that is empty or null does not. */
export interface ExportFilters {
  /** Tags, as de or pt-BR. */
  readonly languages: readonly string[];
  readonly least_seconds: number | null;
  /** Shares from 0 to 1. */
  readonly most_filled: number | null;
  readonly most_clipped: number | null;
}

/** What an export is asked for. */
export interface ExportWish extends ExportFilters {
  readonly recipient: string;
  readonly purpose: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly audio_only: boolean;
  readonly again: string | null;
  readonly include_exported: boolean;
}

/** How much it would be. */
export interface Forecast {
  readonly meetings: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly bytes: number;
  /** Of the meetings, those that the vault has not measured yet. */
  readonly unmeasured: number;
  /** Beyond what one export takes. */
  readonly left: number;
  /** Of these nobody has looked in which language they were read, where one is asked for. */
  readonly unlooked: number;
  /** By code: what was exported before and cannot be once more, where that is asked for. */
  readonly refused: Readonly<Record<string, number>>;
}
