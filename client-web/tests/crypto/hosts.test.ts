import { describe, expect, it } from "vitest";

import { decode, encode } from "../../src/crypto/bytes";
import { parseCharter } from "../../src/crypto/charter";
import { FormatError, SignatureError } from "../../src/crypto/errors";
import { makeAct, verifyAct } from "../../src/crypto/host-acts";
import { makeCertificate, verifyCertificate } from "../../src/crypto/host-certificate";
import { deriveKeys } from "../../src/crypto/keys";
import { parseRoom } from "../../src/crypto/room";
import { believeEnrolment, type Enrolment } from "../../src/crypto/statement";
import { signer } from "../../src/crypto/suite";
import { type Hosts, hosts } from "../hosts";

const { acts, certificates, charter, enrolments, host_key, room, seeds } = hosts;
const given = await parseCharter(decode(charter));
const place = await parseRoom(decode(room));

async function enrolmentOf(name: string): Promise<Enrolment> {
  const { document, signature } = enrolments[name] ?? { document: "", signature: "" };
  return await believeEnrolment(decode(document), decode(signature), given);
}

const signedOf = ({ document, signature }: Hosts["acts"][number]) => ({
  body: decode(document),
  signature: decode(signature),
});

/** What is wrong, as the vectors have it. */
async function refusalOf(work: Promise<unknown>): Promise<[string, string | null]> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof SignatureError) return ["bad-signature", null];
  if (error instanceof FormatError) return ["bad-statement", error.field];
  throw new Error("is not refused as it should be", { cause: error });
}

describe("a certificate of a host", () => {
  it.each(certificates)("$name: $error", async (said) => {
    const ada = await enrolmentOf("Ada");
    const work = verifyCertificate(signedOf(said), place, ada);
    if (said.error !== null) {
      expect(await refusalOf(work)).toEqual([said.error, said.field]);
      return;
    }
    const { at } = await work;
    const key = await signer(decode(host_key));
    const made = await makeCertificate(key, place.digest, ada, at);
    expect([encode(made.body), encode(made.signature)]).toEqual([said.document, said.signature]);
  });
});

describe("an act of a host", () => {
  it.each(acts)("$name: $error", async (said) => {
    const work = verifyAct(signedOf(said), await enrolmentOf(said.by));
    if (said.error !== null) {
      expect(await refusalOf(work)).toEqual([said.error, said.field]);
      return;
    }
    const act = await work;
    const keys = await deriveKeys(decode(seeds[said.by] ?? ""), given.meeting);
    const made = await makeAct(keys, act.sequence, act, act.at);
    expect([encode(made.body), encode(made.signature)]).toEqual([said.document, said.signature]);
  });
});
