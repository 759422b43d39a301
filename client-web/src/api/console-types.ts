// What the server says to an administrator's page of itself, as server/PROTOCOL.md section 2 has it.

/** A browser that the account is signed in with. */
export interface LoginSession {
  id: string;
  created_at: number;
  /** To the hour. */
  used_at: number;
  expires_at: number;
  current: boolean;
}

export interface Setting {
  key: string;
  /** What it is called in the environment. */
  variable: string;
  /** What it means, in English. */
  about: string;
  secret: boolean;
  set: boolean;
  /** Null of a secret, and of what is not set. */
  value: string | null;
}

export const FUNNEL_STAGES = [
  "invited",
  "joined",
  "recording",
  "training",
  "released",
  "exported",
  "withdrawn",
] as const;

export type FunnelStage = (typeof FUNNEL_STAGES)[number];

export interface FunnelCounts {
  stages: { stage: FunnelStage; people: number }[];
  meetings: number;
  whole: boolean;
}

export interface StorageOverTime {
  columns: number[];
  /** What was in use in each column, null where nobody looked. */
  disks: { places: string[]; total: number; used: (number | null)[] }[];
}
