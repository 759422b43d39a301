// The receipt as a file, asked for with a request that only the seed can sign. The seed stays here.

import { serverNow } from "../../api/clock";
import { api } from "../../api/http";
import { type Bytes, encode } from "../../crypto/bytes";
import type { PersonKeys } from "../../crypto/keys";
import { makeReceiptRequest } from "../../crypto/statement";
import { saveFile } from "../../ui/save";

export async function fetchReceiptFile(keys: PersonKeys): Promise<Bytes> {
  const { body, signature } = await makeReceiptRequest(keys, serverNow());
  return await api.receiptFile(encode(body), encode(signature));
}

/** The names of files say which meeting, and nothing about anybody. */
function stem(meeting: Bytes): string {
  return `assent-${encode(meeting).slice(0, 8)}`;
}

export function saveReceipt(meeting: Bytes, body: Bytes): void {
  saveFile(`${stem(meeting)}.assent-receipt.json`, body, "application/json");
}

export function saveRecord(meeting: Bytes, record: string): void {
  saveFile(`${stem(meeting)}.consent-record.jsonld`, record, "application/ld+json");
}

/** What did not agree: what was signed, and no key. */
export function saveEvidence(meeting: Bytes, evidence: string): void {
  saveFile(`${stem(meeting)}.assent-disagreement.json`, evidence, "application/json");
}
