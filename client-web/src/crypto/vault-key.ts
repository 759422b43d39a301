// The vault key of a meeting, vouched for by the vault identity (FORMAT.md, section 5).

import { type Bytes, equal } from "./bytes";
import type { Charter } from "./charter";
import { read } from "./document";
import { FormatError } from "./errors";
import { digest, isXwingPublic, MEETING_BYTES, SUITE_2, verify, XWING_PUBLIC_BYTES } from "./suite";

const TYPE = "assent/vault-key/v2";
const MAX_BYTES = 4 * 1024;

export interface VaultKey {
  readonly meeting: Bytes;
  readonly key: Bytes;
  readonly created: number;
  readonly digest: Bytes;
}

/** Read a vault key that `identity` vouches for. Whose meeting it is for is the caller's to compare. */
export async function verifyVaultKey(
  body: Bytes,
  signature: Bytes,
  identity: Bytes,
): Promise<VaultKey> {
  const fields = read(body, TYPE, MAX_BYTES, ["suite", "meeting", "key", "created"]);
  fields.exactly("suite", SUITE_2);
  const found = {
    meeting: fields.bytes("meeting", MEETING_BYTES),
    key: fields.bytes("key", XWING_PUBLIC_BYTES),
    created: fields.integer("created"),
    digest: await digest(body),
  };
  if (!(await isXwingPublic(found.key))) fields.fail("key", "is not a key that can be sealed to");
  await verify(identity, TYPE, body, signature);
  return found;
}

/** The same, for the meeting of a charter: nothing may be sealed to any other key. */
export async function vaultKeyOf(
  charter: Charter,
  body: Bytes,
  signature: Bytes,
): Promise<VaultKey> {
  const key = await verifyVaultKey(body, signature, charter.vault);
  if (!equal(key.meeting, charter.meeting)) throw new FormatError("meeting", "is another meeting");
  return key;
}
