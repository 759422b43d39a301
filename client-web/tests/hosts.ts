// hosts.json of the vectors: certificates and acts of hosts.

import { vectors } from "./vectors";

interface Said {
  document: string;
  signature: string;
}

interface Case extends Said {
  name: string;
  by: string;
  error: string | null;
  field: string | null;
}

export type Step = { certificate: string } | (Said & { by: string; page: string | null });

export interface Hosts {
  room: string;
  charter: string;
  host_key: string;
  enrolments: Record<string, Said>;
  seeds: Record<string, string>;
  certificates: Case[];
  acts: Case[];
  courses: {
    name: string;
    steps: Step[];
    page: Record<"hosts" | "admitted" | "removed", string[]> & {
      sequence: number;
      armed: boolean;
      ordinal: number;
    };
  }[];
}

export const hosts = vectors("hosts") as Hosts;
