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
  const event = (will: Will, number: number, words: Uint8Array): object => ({
    "@type": STATUS[will],
    "dpv:isIndicatedAtTime": time(records[number]?.record.at ?? 0),
    "dpv:isIndicatedBy": person,
    "dpv:hasNotice": notice(words),
  });
  let will: Will = "unanswered";
  const found = [event(will, 0, enrolment.notice)];
  for (const answer of answers) {
    if (answer[purpose] === will) continue;
    will = answer[purpose];
    found.push(event(will, answer.sequence, answer.notice));
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
