// A consent record for machines, in the shape of ISO/IEC TS 27560, as JSON-LD of the W3C's Data Privacy
// Vocabulary. The context is in the record, so that nothing need be fetched to read it. It says what
// the receipt says and no more: who runs the server, how long the recording is kept and where, is in
// the words of the notice, which it names by their digest.

import { encode } from "../crypto/bytes";
import type { Purpose, Will } from "../crypto/will";
import type { Receipt } from "./check";

const PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record";
const ID = { "@type": "@id" };
const TIME = { "@type": "xsd:dateTime" };

const CONTEXT = {
  dct: "http://purl.org/dc/terms/",
  dpv: "https://w3id.org/dpv#",
  pd: "https://w3id.org/dpv/pd#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
  "dct:conformsTo": ID,
  "dct:created": TIME,
  "dpv:hasConsentControl": ID,
  "dpv:hasDataController": ID,
  "dpv:hasDataSubject": ID,
  "dpv:hasLegalBasis": ID,
  "dpv:hasNotice": ID,
  "dpv:hasPersonalData": ID,
  "dpv:hasProcessing": ID,
  "dpv:isIndicatedAtTime": TIME,
  "dpv:isIndicatedBy": ID,
};

const STATUS: Record<Will, string> = {
  unanswered: "dpv:ConsentRequested",
  yes: "dpv:ConsentGiven",
  no: "dpv:ConsentRefused",
  withdrawn: "dpv:ConsentWithdrawn",
};

/** "The state where the consent is revoked by an entity other than the data subject". */
const REVOKED = "dpv:ConsentRevoked";
const REVOKED_BY: Record<Purpose, readonly string[]> = {
  recording: ["recording", "meeting"],
  training: ["training", "recording", "meeting"],
};

const PURPOSES: readonly { name: Purpose; description: string; processing: string[] }[] = [
  {
    name: "recording",
    description: "Recording the meeting, for the people who were in it to watch.",
    processing: ["dpv:Record", "dpv:Store", "dpv:Display"],
  },
  {
    name: "training",
    description: "Releasing the recording as training data for machine learning.",
    processing: ["dpv:Pseudonymise", "dpv:Export", "dpv:Share"],
  },
];

/** The record of a receipt that holds, as JSON-LD. */
export function consentRecord(receipt: Receipt): string {
  const { charter, enrolment, records } = receipt;
  const meeting = `urn:assent:meeting:${encode(charter.meeting)}`;
  const person = encode(enrolment.person);
  const notices = [...charter.notices].sort(([left], [right]) => (left < right ? -1 : 1));
  const record = {
    "@context": CONTEXT,
    "@id": `${meeting}:${person}`,
    "@type": "dpv:ConsentRecord",
    "dct:conformsTo": PROFILE,
    "dct:identifier": `${encode(charter.meeting)}.${person}`,
    "dct:created": time(Math.max(...records.map(({ record: { at } }) => at))),
    "dpv:hasDataSubject": `urn:assent:person:${person}`,
    "dpv:hasDataController": `urn:assent:server:${encode(charter.server)}`,
    "dpv:hasNotice": notices.map(([language, digest]) => ({
      "@id": notice(digest),
      "@type": "dpv:ConsentNotice",
      "dct:identifier": encode(digest),
      "dct:language": language,
      "dct:hasVersion": String(charter.noticeVersion),
    })),
    "dpv:hasProcess": PURPOSES.filter(({ name }) => charter[name]).map(
      ({ description, name, processing }) => ({
        "@id": `${meeting}:${name}`,
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
          "@id": `urn:assent:purpose:${name}`,
          "@type": "dpv:Purpose",
          "dct:description": description,
        },
        "dpv:hasLegalBasis": "dpv:ExplicitlyExpressedConsent",
        "dpv:hasPersonalData": ["pd:Communication", "pd:Picture"],
        "dpv:hasProcessing": processing,
        "dpv:hasConsentControl": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
        "dpv:hasConsentStatus": events(name, receipt),
      }),
    ),
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** What happened to one consent: asked for, then whatever changed it. */
function events(purpose: Purpose, { answers, enrolment, records }: Receipt): object[] {
  const person = `urn:assent:person:${encode(enrolment.person)}`;
  const event = (status: string, at: number, words: Uint8Array, by: string): object => ({
    "@type": status,
    "dpv:isIndicatedAtTime": time(at),
    "dpv:isIndicatedBy": by,
    "dpv:hasNotice": notice(words),
  });
  let will: Will | null = "unanswered";
  let words = enrolment.notice;
  const found = [event(STATUS[will], records[0]?.record.at ?? 0, words, person)];
  for (const { record } of [...records].sort((left, right) => left.index - right.index)) {
    if (record.kind === "answered") {
      const answer = answers[record.sequence - 1];
      if (answer === undefined || answer[purpose] === will) continue;
      will = answer[purpose];
      words = answer.notice;
      found.push(event(STATUS[will], record.at, words, person));
    } else if (
      record.kind === "revoked" &&
      will === "yes" &&
      REVOKED_BY[purpose].includes(record.purpose)
    ) {
      will = null; // whatever they say next is news
      found.push(event(REVOKED, record.at, words, `urn:assent:role:${record.by}`));
    }
  }
  return found;
}

function notice(digest: Uint8Array): string {
  return `urn:assent:notice:${encode(digest)}`;
}

/** The server's time as xsd:dateTime, which ends with the year 9999 here. */
function time(milliseconds: number): string {
  return new Date(Math.min(milliseconds, 253_402_300_799_999)).toISOString();
}
