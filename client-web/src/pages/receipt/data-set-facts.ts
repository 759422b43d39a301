// What is known of the data sets that a meeting is in, and by what: the log's record of the export, the
// vault's signature of a recall, or the server's word alone.

import type { Record } from "../../api/types";
import { type Bytes, encode, tryDecode } from "../../crypto/bytes";
import type { Charter } from "../../crypto/charter";
import type { Receipt } from "../../proof/check";
import { checkRecall, type Recall } from "../../proof/recall";
import type { LogRecord } from "../../proof/records";

const EXPORT_BYTES = 16;

type Told = Record["exported"][number];
type Exported = Extract<LogRecord, { readonly kind: "exported" }>;

export interface DataSetFacts {
  readonly dataSet: string;
  readonly at: number;
  readonly manifest: string | null;
  readonly recipient: string | null;
  readonly purpose: string | null;
  /** `log`: a receipt that holds says so; `differs`: it does, and the server says something else. */
  readonly basis: "log" | "server" | "differs";
  /** Whether the log's record is from before there were recipients. */
  readonly before: boolean;
  /**
   * `untrue`: what the server shows is signed by no vault of this meeting, or is of something else;
   * `unchecked` while no receipt holds that could show which vaults have adopted it.
   */
  readonly recall: Recall | "untrue" | "unchecked" | null;
  /** The server's word alone. */
  readonly fetched: { readonly first_at: number; readonly last_at: number } | null;
}

/**
 * Put together what the server tells and what a receipt that holds says. What the log has comes first,
 * the last first; then what it does not have, or not yet.
 */
export async function factsOf(
  told: readonly Told[],
  charter: Charter,
  receipt: Receipt | null,
): Promise<DataSetFacts[]> {
  const logged = loggedIn(receipt).map((record) => {
    const id = encode(record.exportId);
    return { record, told: told.find((one) => one.data_set === id) ?? null };
  });
  const others = told.filter((one) => !logged.some((each) => each.told === one));
  return Promise.all([
    ...logged.map((each) =>
      factOf(each.record, saidBy(each.record, each.told), each.told, charter, receipt),
    ),
    ...others.map((one) => factOf(null, one, one, charter, receipt)),
  ]);
}

async function factOf(
  logged: Exported | null,
  said: Told,
  told: Told | null,
  charter: Charter,
  receipt: Receipt | null,
): Promise<DataSetFacts> {
  const { recall, ...fetched } = await recallOf(told, said.data_set, charter, receipt);
  return {
    dataSet: said.data_set,
    at: said.at,
    manifest: said.manifest,
    recipient: said.recipient,
    purpose: said.purpose,
    basis: logged === null ? "server" : agree(logged, said, told) ? "log" : "differs",
    before: logged !== null && isOfVersionOne(logged),
    recall,
    ...fetched,
  };
}

function loggedIn(receipt: Receipt | null): Exported[] {
  return [...(receipt?.records ?? [])]
    .sort((left, right) => right.index - left.index)
    .flatMap(({ record }) => (record.kind === "exported" ? [record] : []));
}

function isOfVersionOne({ type }: Exported): boolean {
  return type.endsWith("/v1");
}

function saidBy(logged: Exported, told: Told | null): Told {
  return {
    data_set: encode(logged.exportId),
    at: logged.at,
    manifest: encode(logged.manifest),
    recipient: logged.recipient,
    purpose: logged.purpose,
    recall: told?.recall ?? null,
  };
}

/** Times differ by what one transaction takes; what else the log has, the server says just so. */
function agree(logged: Exported, said: Told, told: Told | null): boolean {
  return (
    told !== null &&
    told.data_set === said.data_set &&
    told.manifest === said.manifest &&
    (isOfVersionOne(logged) || (told.recipient === said.recipient && told.purpose === said.purpose))
  );
}

async function recallOf(
  told: Told | null,
  dataSet: string,
  charter: Charter,
  receipt: Receipt | null,
): Promise<Pick<DataSetFacts, "recall" | "fetched">> {
  const shown = told?.recall ?? null;
  if (shown === null) return { recall: null, fetched: null };
  const exportId = tryDecode(dataSet, EXPORT_BYTES);
  const of = exportId === null ? null : { meeting: charter.meeting, exportId };
  const recall = of && (await checkRecall(shown.line, of, vaultsOf(charter, receipt)));
  if (recall !== null) return { recall, fetched: shown.fetched };
  return { recall: receipt === null ? "unchecked" : "untrue", fetched: null };
}

/** The vault of the charter, and each that has verifiably adopted the meeting. */
function vaultsOf(charter: Charter, receipt: Receipt | null): Bytes[] {
  const adopted = (receipt?.records ?? []).flatMap(({ record }) =>
    record.kind === "adopted" ? [record.vault] : [],
  );
  return [charter.vault, ...adopted];
}
