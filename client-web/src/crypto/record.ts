// What the server holds about a person, checked from the charter to the last answer before anything
// of it is shown. The keys come from the person's own seed, so another's record cannot pass.

import type { Record } from "../api/types";
import { type Bytes, decode, encode, equal, utf8 } from "./bytes";
import { type Charter, parseCharter } from "./charter";
import { FormatError } from "./errors";
import { areKeysOf, type PersonKeys } from "./keys";
import {
  type Answer,
  type Enrolment,
  makeReceiptRequest,
  verifyAnswer,
  verifyEnrolment,
} from "./statement";
import { digest } from "./suite";
import { type VaultKey, vaultKeyOf } from "./vault-key";

export interface CheckedRecord {
  readonly charter: Charter;
  readonly vaultKey: VaultKey | null;
  readonly enrolment: Enrolment;
  readonly answers: readonly { readonly answer: Answer; readonly receivedAt: number }[];
}

export async function checkRecord(record: Record, keys: PersonKeys): Promise<CheckedRecord> {
  const charter = await parseCharter(decode(record.charter));
  if (!equal(charter.meeting, keys.meeting)) throw new FormatError("meeting", "is another meeting");
  const enrolment = await verifyEnrolment(
    decode(record.enrolment.document),
    decode(record.enrolment.signature),
    charter,
  );
  if (!areKeysOf(keys, enrolment)) throw new FormatError("enrolment", "names other keys than ours");
  const answers: { answer: Answer; receivedAt: number }[] = [];
  for (const { document, signature, received_at: receivedAt } of record.answers) {
    const previous = answers.at(-1)?.answer ?? null;
    const body = decode(document);
    const answer = await verifyAnswer(body, decode(signature), enrolment, charter, previous);
    answers.push({ answer, receivedAt });
  }
  return { charter, vaultKey: await checkVaultKey(record.vault_key, charter), enrolment, answers };
}

export async function checkVaultKey(
  given: { document: string; signature: string } | null,
  charter: Charter,
): Promise<VaultKey | null> {
  if (given === null) return null;
  return await vaultKeyOf(charter, decode(given.document), decode(given.signature));
}

/** Check that a text is what its digest says, and that the charter names that digest. */
export async function checkNotice(
  notice: { digest: string; text: string },
  charter: Charter,
): Promise<Bytes> {
  const found = await digest(utf8(notice.text));
  if (encode(found) !== notice.digest)
    throw new FormatError("notice", "is not what its digest says");
  if (![...charter.notices.values()].some((one) => equal(one, found))) {
    throw new FormatError("notice", "is not in force");
  }
  return found;
}

/** Ask for the record of whoever has these keys, and check it. */
export async function fetchRecord(
  keys: PersonKeys,
  ask: (request: string, signature: string) => Promise<Record>,
  now: number,
): Promise<{ record: Record; checked: CheckedRecord }> {
  const { body, signature } = await makeReceiptRequest(keys, now);
  const record = await ask(encode(body), encode(signature));
  return { record, checked: await checkRecord(record, keys) };
}
