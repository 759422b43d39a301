// What a page knows and is given, out of the vectors.

import { type Bytes, decode, encode } from "../../src/crypto/bytes";
import type { Evidence, OwnPage } from "../../src/e2ee/checking";
import { parseGeneration } from "../../src/e2ee/generation-header";
import {
  type HostAct,
  type Knowledge,
  noteAccepted,
  noteAct,
  noteAnswer,
  noteFollowed,
  NOTHING_KNOWN,
} from "../../src/e2ee/knowledge";
import type { PairsForMe } from "../../src/e2ee/opening";
import { type PageDocument, parsePage } from "../../src/e2ee/page-document";
import { vectors } from "../vectors";

/** What was noted before had been checked: its signature is not looked at again. */
const UNCHECKED = new Uint8Array(64);

interface Own {
  person: string;
  page: string;
  meeting: string;
  charter: {
    digest: string;
    recording: boolean;
    training: boolean;
    waiting_room: boolean;
    notice_version: number;
  };
  vault: string | null;
  answer: { digest: string; recording: string } | null;
}

interface World {
  own: Own;
  enrolments: {
    digest: string;
    meeting: string;
    charter: string;
    person: string;
    sign: string;
    brought: number;
  }[];
  pages: string[];
  certificates: { digest: string; person: string; enrolment: string }[];
  answers: { digest: string; person: string; recording: string }[];
}

type Act = { digest: string; by: string; sequence: number } & (
  | { what: "arm"; recording: boolean }
  | { what: "admit"; person: string; enrolment: string }
  | { what: "remove"; person: string }
  | { what: "link"; ordinal: number }
);

export interface Step {
  act?: { digest: string; by: string; sequence: number; what: Act["what"] };
  answer?: { person: string; sequence: number; digest: string; recording: string };
  accepted?: number;
  followed?: number;
  secret?: string;
}

export interface Case {
  name: string;
  problem: string | null;
  known: Step[];
  changes: {
    own?: Partial<Omit<Own, "charter">> & { charter?: Partial<Own["charter"]> };
    brought?: Record<string, number>;
    pages?: string[];
  };
  header: number;
  signature: string;
  boxes: number;
  pairs: Record<"page" | "watch" | "train", string | null>;
}

export const checks = (
  vectors("headers") as { checks: { world: World; texts: string[]; cases: Case[] } }
).checks;

export function text(place: number): Uint8Array<ArrayBuffer> {
  return decode(checks.texts[place] ?? "");
}

// Reading a page tries whether its key can be sealed to, which takes a while.
const pages = Promise.all(checks.world.pages.map((body) => parsePage(decode(body))));

/** Every page document of the world, by its digest. */
export async function pagesByDigest(
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, PageDocument>> {
  const others = await Promise.all(more.map((body) => parsePage(decode(body))));
  return new Map([...(await pages), ...others].map((page) => [encode(page.digest), page]));
}

export function ownPage({ own: changes = {} }: Case["changes"] = {}): OwnPage {
  const own = { ...checks.world.own, ...changes };
  const charter = { ...checks.world.own.charter, ...changes.charter };
  const { answer } = own;
  return {
    person: decode(own.person),
    page: decode(own.page),
    meeting: decode(own.meeting),
    charter: {
      digest: decode(charter.digest),
      recording: charter.recording,
      training: charter.training,
      waitingRoom: charter.waiting_room,
      noticeVersion: charter.notice_version,
    },
    vault: own.vault === null ? null : decode(own.vault),
    newestAnswer: () => answer && { digest: decode(answer.digest), recording: answer.recording },
  };
}

export function evidenceOf(
  pages: ReadonlyMap<string, PageDocument>,
  { brought = {} }: Case["changes"] = {},
): Evidence {
  const { enrolments, certificates, answers } = checks.world;
  const at = <Item extends { digest: string }>(
    items: readonly Item[],
    of: Uint8Array,
  ): Item | undefined => items.find((item) => item.digest === encode(of));
  return {
    enrolment: (of) => {
      const found = at(enrolments, of);
      return (
        found && {
          meeting: decode(found.meeting),
          charter: decode(found.charter),
          person: decode(found.person),
          sign: decode(found.sign),
        }
      );
    },
    brought: (of) => brought[encode(of)] ?? at(enrolments, of)?.brought ?? 0,
    page: (of) => pages.get(encode(of)),
    certificate: (of) => {
      const found = at(certificates, of);
      return found && { person: decode(found.person), enrolment: decode(found.enrolment) };
    },
    answer: (of) => {
      const found = at(answers, of);
      return found && { person: decode(found.person), recording: found.recording };
    },
  };
}

/** What a page knows after these steps, each of which it was told, or has accepted. */
export async function knowledgeAfter(
  steps: readonly Step[],
  pages: ReadonlyMap<string, PageDocument>,
  hosts: ReadonlySet<string> = new Set(checks.world.certificates.map(({ person }) => person)),
): Promise<Knowledge> {
  let known = NOTHING_KNOWN;
  for (const step of steps) {
    if (step.act) {
      const act = hostAct({ ...step.act, ...step } as unknown as Act);
      known = noteAct(known, act, hosts.has(step.act.by));
    }
    if (step.answer) {
      const { person, digest, ...more } = step.answer;
      known = noteAnswer(known, { person: decode(person), digest: decode(digest), ...more });
    }
    if (step.followed !== undefined) {
      known = noteFollowed(known, await parseGeneration(text(step.followed)), UNCHECKED);
    }
    if (step.accepted !== undefined) {
      const header = await parseGeneration(text(step.accepted));
      const sequenceOf = (page: Uint8Array): number => pages.get(encode(page))?.sequence ?? 0;
      known = await noteAccepted(known, header, UNCHECKED, decode(step.secret ?? ""), sequenceOf);
    }
  }
  return known;
}

function hostAct(act: Act): HostAct {
  const common = { digest: decode(act.digest), by: decode(act.by), sequence: act.sequence };
  switch (act.what) {
    case "arm":
      return { ...common, what: "arm", recording: act.recording };
    case "admit":
      return {
        ...common,
        what: "admit",
        person: decode(act.person),
        enrolment: decode(act.enrolment),
      };
    case "remove":
      return { ...common, what: "remove", person: decode(act.person) };
    case "link":
      return { ...common, what: "link", ordinal: act.ordinal };
  }
}

export function pairsOf(pairs: Case["pairs"]): PairsForMe {
  const read = (pair: string | null): Bytes | null => (pair === null ? null : decode(pair));
  return { page: read(pairs.page), watch: read(pairs.watch), train: read(pairs.train) };
}
