// /r/<meeting>#<seed>: what its holder has answered, checked here, and everything they can still do.
// The seed is the only key to it, and it stays in this browser.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";

import { serverNow } from "../api/clock";
import { Refused } from "../api/errors";
import { api } from "../api/http";
import type { Record } from "../api/types";
import { Answers } from "../consent/answers";
import { acknowledgedIn, keepAcknowledgement } from "../consent/remembering";
import { unsentAnswers } from "../consent/sending";
import { type Bytes, decode, encode, tryDecode } from "../crypto/bytes";
import { CryptoError } from "../crypto/errors";
import { deriveKeys, type PersonKeys } from "../crypto/keys";
import { type CheckedRecord, checkNotice, fetchRecord } from "../crypto/record";
import { DIGEST_BYTES, MEETING_BYTES, SEED_BYTES } from "../crypto/suite";
import { t, wanted } from "../i18n";
import { type Link, type LinkProblem, onOtherLink, openedLinkOf } from "../link";
import { dateTime, exactTime, languageName } from "../i18n/format";
import { type Words, wordsFor } from "../meeting/entrance";
import { receiptLink } from "../meeting/identity";
import type { Receipt as ProvenReceipt } from "../proof/check";
import { openSeats } from "../store/seats";
import { AnswerPanel } from "../ui/answer-panel";
import { Failure, refusalText } from "../ui/failure";
import { Check } from "../ui/icons";
import { TakenBack } from "../ui/acts";
import { NoticeButton } from "../ui/notice";
import { ReceiptLink } from "../ui/receipt-link";
import { Shell } from "../ui/shell";
import { AgreementWithout } from "./receipt/agreement";
import { DeletePart } from "./receipt/delete-part";
import { FormerKeys } from "./receipt/former-keys";
import { RecordingCard } from "./receipt/recording";
import { Whereabouts } from "./receipt/whereabouts";
import { ProofCard } from "./receipt/proof-card";

const EVERY_MS = 15_000;

interface Receipt {
  readonly keys: PersonKeys;
  readonly record: Record;
  readonly checked: CheckedRecord;
  readonly words: readonly Words[];
  readonly answers: Answers;
  readonly build: Bytes;
}

type Found =
  | { at: "checking" }
  | { at: "found"; receipt: Receipt }
  /** With the keys where the link has them: the server says that there is no receipt of theirs. */
  | { at: "none"; why: string; refused: { keys: PersonKeys; denied: boolean } | null };

export function ReceiptPage({ meeting }: { readonly meeting: string }): VNode {
  const [link] = useState(() => openedLinkOf("receipt"));
  const found = useSignal<Found>({ at: "checking" });
  useEffect(() => {
    open(meeting, link).then(
      (opened) => {
        found.value = opened;
      },
      (error: unknown) => {
        found.value = { at: "none", why: whyNot(error), refused: null };
      },
    );
  }, [found, link, meeting]);
  useEffect(
    () =>
      onOtherLink(() => {
        location.reload();
      }),
    [],
  );

  const text = t().receipt;
  return (
    <Shell title={text.title}>
      {link?.sent === true && link.secret !== null && <Failure>{t().links.sent}</Failure>}
      {found.value.at === "checking" && <p role="status">{text.checking}</p>}
      {found.value.at === "none" && (
        <div class="card stack">
          <h1>{text.title}</h1>
          <Failure>{found.value.why}</Failure>
          {found.value.refused !== null && <AgreementWithout {...found.value.refused} />}
        </div>
      )}
      {found.value.at === "found" && <ReceiptView first={found.value.receipt} />}
    </Shell>
  );
}

class BadLink extends Error {
  override readonly name = "BadLink";
  readonly why: "incomplete" | "invalid" | LinkProblem;

  constructor(why: "incomplete" | "invalid" | LinkProblem) {
    super(why);
    this.why = why;
  }
}

async function open(meeting: string, link: Link | null): Promise<Found> {
  const id = tryDecode(meeting, MEETING_BYTES);
  if (id === null) throw new BadLink("invalid");
  // Another key than the one that was sent would show another person's answers.
  const problem = link?.problem ?? null;
  if (problem !== null) throw new BadLink(problem);
  const secret = link?.secret ?? null;
  let seed = secret === null ? null : tryDecode(secret, SEED_BYTES);
  if (secret !== null && seed === null) throw new BadLink("invalid");
  seed ??= (await (await openSeats()).find(meeting))?.seed ?? null;
  if (seed === null) throw new BadLink("incomplete");
  const keys = await deriveKeys(seed, id);
  const build = decode((await api.info()).build, DIGEST_BYTES);
  try {
    return { at: "found", receipt: await fetchReceipt(keys, build) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const denied = error.code === "not-enrolled" || error.code === "meeting-not-found";
    return { at: "none", why: whyNot(error), refused: { keys, denied } };
  }
}

async function fetchReceipt(keys: PersonKeys, build: Bytes): Promise<Receipt> {
  const { checked, record } = await fetchRecord(keys, api.receipt, serverNow());
  const words = await Promise.all(
    record.notices.map(async (notice) => {
      const { language, text } = notice;
      return { digest: await checkNotice(notice, checked.charter), language, text };
    }),
  );
  const answers = new Answers(keys, checked.charter, checked.enrolment, {
    deliver: async ({ body, sealed, signature }) =>
      acknowledgedIn(
        await api.answer(encode(body), encode(signature), sealed && encode(sealed)),
        encode(body),
      ),
    keep: async ({ digest: statement, sequence }, acknowledgement) => {
      const { server } = checked.charter;
      await keepAcknowledgement({ keys, server, statement, sequence }, acknowledgement);
    },
    fetch: async () => (await fetchRecord(keys, api.receipt, serverNow())).checked,
    now: serverNow,
    unsent: unsentAnswers,
  });
  answers.adopt(checked);
  answers.handleActs(record.revoked);
  return { keys, record, checked, words, answers, build };
}

function whyNot(error: unknown): string {
  const text = t().receipt;
  if (error instanceof BadLink) {
    const { why } = error;
    return why === "cut-off" || why === "altered" ? t().links[why] : text[why];
  }
  if (error instanceof CryptoError) return text.untrue;
  if (!(error instanceof Refused)) throw error;
  if (error.deleted !== null) {
    const { at, by } = error.deleted;
    return t().acts.forYou.meeting(t().common.actors[by], exactTime(at));
  }
  return error.code === "not-enrolled" || error.code === "not-found"
    ? text.unknown
    : refusalText(error);
}

function ReceiptView({ first }: { readonly first: Receipt }): VNode {
  const receipt = useSignal(first);
  const trouble = useSignal<string | null>(null);
  const proven = useSignal<ProvenReceipt | null>(null);
  const prove = useCallback(
    (found: ProvenReceipt | null) => {
      proven.value = found;
    },
    [proven],
  );
  const { answers, build, checked, keys, record, words } = receipt.value;
  const { words: shown } = wordsFor(words, wanted());
  const text = t().receipt;

  // What has just been said is shown as the server holds it, checked again; and what becomes of the
  // recording changes by itself.
  const again = useCallback((): void => {
    fetchReceipt(keys, build).then(
      (fresh) => {
        receipt.value = { ...fresh, answers };
        if (!answers.sending.peek()) answers.adopt(fresh.checked);
        answers.handleActs(fresh.record.revoked);
        trouble.value = null;
      },
      (error: unknown) => {
        trouble.value = whyNot(error);
      },
    );
  }, [answers, build, keys, receipt, trouble]);
  useEffect(() => {
    answers.resume().then(again, again);
  }, [again, answers]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible" && !answers.sending.peek()) again();
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [again, answers]);

  return (
    <div class="receipt stack">
      <header>
        <h1>{text.title}</h1>
        <p class="lead">
          <bdi>{text.of(record.meeting.title)}</bdi>
        </p>
      </header>
      {trouble.value !== null && <Failure>{trouble.value}</Failure>}
      <p class="checked" role="status">
        <Check />
        <span>
          <strong>{text.checked}.</strong> {text.checkedWhat(checked.answers.length)}
        </span>
      </p>
      {!record.admitted && record.meeting.ended_at !== null && (
        <p role="status" data-not-admitted>
          {t().acts.notAdmitted}
        </p>
      )}
      <TakenBack acts={record.revoked} />
      {record.generations > 0 && (
        <RecordingCard
          keys={keys}
          charter={first.checked.charter}
          title={record.meeting.title}
          state={recordingState(record)}
        />
      )}
      <div class="columns">
        <section class="card stack" aria-labelledby="now">
          <h2 id="now">{text.now}</h2>
          <AnswerPanel
            answers={answers}
            shown={{ notice: shown.digest, language: shown.language, build }}
            onSaid={again}
          />
          <p>
            <NoticeButton words={shown} /> <span class="hint">{t().door.change}</span>
          </p>
        </section>
        <div class="stack">
          <MeetingCard record={record} />
          <Whereabouts record={record} checked={checked} receipt={proven.value} />
          <DeletePart
            answers={answers}
            shown={{ notice: shown.digest, language: shown.language, build }}
            record={record}
            checked={checked}
            onSaid={again}
          />
        </div>
      </div>
      <History checked={checked} words={words} />
      <section class="card">
        <ReceiptLink link={receiptLink(record.meeting.id, keys.seed)} open={false} />
      </section>
      <FormerKeys meeting={record.meeting.id} seed={keys.seed} />
      <ProofCard
        keys={keys}
        server={first.checked.charter.server}
        meeting={record.meeting.id}
        answered={checked.answers.length}
        dataSet={record.exported[0]?.data_set ?? null}
        onReceipt={prove}
      />
    </div>
  );
}

function MeetingCard({ record }: { readonly record: Record }): VNode {
  const { ended_at: ended, started_at: started } = record.meeting;
  const text = t().receipt;
  return (
    <section class="card stack" aria-labelledby="meeting">
      <h2 id="meeting">{text.meeting}</h2>
      <p>
        {started === null ? text.notStarted : text.started(dateTime(started))}
        <br />
        {ended !== null ? text.ended(dateTime(ended)) : started !== null && text.running}
      </p>
      <p>{text.stretches(record.generations)}</p>
    </section>
  );
}

/** What of a record changes what there is to watch. */
function recordingState({
  deletions,
  destroyed_at: destroyed,
  generations,
  meeting,
}: Record): string {
  return JSON.stringify([generations, meeting.ended_at, destroyed, deletions]);
}

function History({
  checked,
  words,
}: {
  readonly checked: CheckedRecord;
  readonly words: readonly Words[];
}): VNode {
  const text = t().receipt;
  const consent = t().consent;
  return (
    <section class="card stack" aria-labelledby="history">
      <h2 id="history">{text.history}</h2>
      {checked.answers.length === 0 ? (
        <p class="hint">{text.none}</p>
      ) : (
        <div class="scroll" tabIndex={0} role="group" aria-labelledby="history">
          <table class="cards-on-phone">
            <thead>
              <tr>
                <th scope="col">{text.when}</th>
                <th scope="col">{consent.recording.short}</th>
                <th scope="col">{consent.training.short}</th>
                <th scope="col">{text.words}</th>
              </tr>
            </thead>
            <tbody>
              {checked.answers.map(({ answer, receivedAt }) => {
                const read = words.find((one) => encode(one.digest) === encode(answer.notice));
                return (
                  <tr key={answer.sequence}>
                    <th scope="row">{exactTime(receivedAt)}</th>
                    <td data-label={consent.recording.short}>{consent.will[answer.recording]}</td>
                    <td data-label={consent.training.short}>{consent.will[answer.training]}</td>
                    <td data-label={text.words}>
                      {read !== undefined && (
                        <NoticeButton
                          words={read}
                          label={text.readWords(languageName(read.language))}
                          title={text.wordsTitle}
                        />
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
