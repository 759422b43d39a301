"""``receipts/``: whole receipts, good and bad, each with the checks that it fails."""

from __future__ import annotations

import json
import re
from typing import Any

from assent_vault.formats.suite import decode, encode
from assent_vault.receipt import check
from assent_vault.receipt.consent_record import consent_record
from support.paper_log import cosignature
from support.people import NOTICE
from support.receipts import ORIGIN, Desk, key_of, written
from vectors.common import FOREIGN_NOTICE, meeting, person
from vectors.receipt_cases import FRENCH, Cases, Change, Story, edit, flip, replaced, set_, under
from vectors.receipt_courses import courses
from vectors.receipt_logs import heads, logs, records

WITNESS = "witness.example/w1"
WITNESSED_AT = 1_760_000_000
# Those whose consent record is kept beside them.
RECORDED = (
    "everything",
    "others-have-acted",
    "exported-and-destroyed",
    "nothing-answered",
    "nothing-offered",
)


def make_receipts() -> dict[str, bytes]:
    """Return the files of the folder ``receipts``."""
    cases = Cases()
    _good(cases)
    _files(cases)
    _documents(cases)
    _statements(cases)
    records(cases)
    courses(cases)
    logs(cases)
    heads(cases)
    kept = {}
    for name, body in cases.files.items():
        if name in (f"good-{each}.assent-receipt.json" for each in RECORDED):
            believed = check(body).believed
            assert believed is not None
            kept[name.replace(".assent-receipt.json", ".jsonld")] = consent_record(believed)
    index = json.dumps({"cases": cases.cases}, indent=1, ensure_ascii=False) + "\n"
    return {"cases.json": index.encode(), **cases.files, **kept}


def _good(cases: Cases) -> None:
    story = Story().whole()
    receipt = story.desk.receipt()
    server, vault = encode(story.place.charter.server), encode(story.place.charter.vault)
    cases.add("everything", receipt)
    cases.add("the keys are known", receipt, server=server, vault=vault)
    cases.add("exported and destroyed", Story().kept_to_the_end().desk.receipt())
    cases.add("adopted by another vault", Story().taken_over().desk.receipt())
    cases.add("others have acted", Story().acted_for().desk.receipt())
    cases.add("deleted by others", Story().deleted().desk.receipt())
    cases.add("hosts have acted", Story().hosted().desk.receipt())
    cases.add("nothing answered", Story().begin().desk.receipt())
    nothing = Story(place=meeting(recording=False, training=False)).begin()
    cases.add("nothing offered", nothing.desk.receipt())
    cases.changed("the vault key is destroyed", receipt, set_("vault_key", None))
    # "What a receipt shows is what had been logged by its checkpoint": an end cut off is not seen.
    cases.changed(
        "the last answer is left out",
        Story().begin().answer("yes", "no").answer("withdrawn", "no").desk.receipt(),
        lambda it: it["statements"].pop(),
    )
    cases.changed(
        "proofs under two heads",
        receipt,
        lambda it: it["entries"][0].update(
            proof=story.desk.log.proof(it["entries"][0]["index"], 11)
        ),
        ("heads", "mismatch"),
    )
    log = story.desk.log
    text = log.text(len(log.entries))
    witness = key_of("witness")
    pin = [{"name": WITNESS, "key": encode(witness.public_key().public_bytes_raw())}]
    witnessed = under(
        receipt, log, log.note(text) + cosignature(WITNESS, witness, text, WITNESSED_AT)
    )
    cases.add("a witness has signed", witnessed, witnesses=pin)
    cases.add("a witness that nobody knows", witnessed)
    forged = under(receipt, log, log.note(text) + cosignature(WITNESS, witness, text + "x\n", 1))
    cases.add("a forged witness that nobody knows", forged)
    cases.add("a forged witness", forged, ("heads", "bad-signature"), witnesses=pin)
    cases.add("no witness has signed", receipt, ("heads", "not-witnessed"), witnesses=pin)
    alone = under(receipt, log, f"{text}\n{cosignature(WITNESS, witness, text, WITNESSED_AT)}")
    cases.add("a witness alone has signed", alone, ("heads", "bad-signature"), witnesses=pin)
    longer = text + "a line of text that means nothing\n"
    cases.add("a head with a further line", under(receipt, log, log.note(longer)))
    cases.changed(
        "a proof with a line that means nothing",
        receipt,
        lambda it: it["entries"][0].update(
            proof=it["entries"][0]["proof"].replace("\nindex", "\nextra AAAA\nindex", 1)
        ),
    )
    other = encode(key_of("another").public_key().public_bytes_raw())
    cases.add("another server than the known one", receipt, ("server", "other-key"), server=other)
    cases.add(
        "another vault than the known one",
        receipt,
        ("vault", "other-key"),
        server=server,
        vault=other,
    )


def _files(cases: Cases) -> None:
    receipt = Story().whole().desk.receipt()
    body = written(receipt)
    bad = ("file", "not-a-receipt")
    cases.add("file: nothing", b"", bad)
    cases.add("file: cut short", body[: len(body) // 2], bad)
    cases.add("file: something after it", body + b"{}", bad)
    cases.add("file: a byte order mark", b"\xef\xbb\xbf" + body, bad)
    cases.add("file: not UTF-8", body.replace(NOTICE.encode()[:2], b"\xff\xff"), bad)
    cases.add("file: white space", json.dumps(receipt, indent=1, ensure_ascii=False).encode(), bad)
    cases.add("file: a field twice", body[:-1] + b',"entries":[]}', bad)
    cases.changed("file: another type", receipt, set_("type", "assent/receipt/v2"), bad)
    cases.changed("file: a field more", receipt, set_("at", 1), bad)
    cases.changed("file: a field missing", receipt, lambda it: it.pop("log"), bad)
    cases.changed("file: no statements", receipt, set_("statements", []), bad)
    cases.changed(
        "file: no counter-signature",
        receipt,
        lambda it: it["statements"][1].pop("acknowledgement"),
        bad,
    )
    cases.changed(
        "file: a salt too short",
        receipt,
        lambda it: it["entries"][0].update(salt=encode(bytes(31))),
        bad,
    )
    cases.changed(
        "file: a signature too short",
        receipt,
        lambda it: it["statements"][0].update(signature=encode(bytes(63))),
        bad,
    )
    cases.changed(
        "file: padded base64url", receipt, lambda it: it.update(charter=it["charter"] + "="), bad
    )
    cases.changed(
        "file: an index in words", receipt, lambda it: it["entries"][0].update(index="two"), bad
    )
    cases.add(
        "file: a fraction for an index", re.sub(rb'"index":(\d+)', rb'"index":\1.0', body), bad
    )


def _documents(cases: Cases) -> None:
    """Charter, words, vault key."""
    story = Story().whole()
    receipt = story.desk.receipt()
    bad = ("charter", "bad-document")
    cases.changed("charter: not a document", receipt, set_("charter", encode(b"{}")), bad)
    for name, old, new in (
        ("kept for no day", b'"retention_days":90', b'"retention_days":0'),
        ("kept for more than a century", b'"retention_days":90', b'"retention_days":36501'),
        ("over before it was created", b'"expires":4905760000000', b'"expires":1'),
        ("a wait of a fraction", b'"cooling_off_seconds":0', b'"cooling_off_seconds":0.5'),
        (
            "a wait of more than a year",
            b'"cooling_off_seconds":0',
            b'"cooling_off_seconds":31622401',
        ),
    ):
        body = encode(replaced(story.place.charter.body, old, new))
        cases.changed(f"charter: {name}", receipt, set_("charter", body), bad)
    longer = encode(
        replaced(story.place.charter.body, b'"retention_days":90', b'"retention_days":91')
    )
    cases.changed(
        "charter: what was promised was changed",
        receipt,
        set_("charter", longer),
        ("enrolment", "bad-statement"),
    )
    unlike = story.place.charter.body.replace(b'"recording":true', b'"recording":false')
    cases.changed(
        "charter: training without recording", receipt, set_("charter", encode(unlike)), bad
    )
    cases.changed(
        "charter: what could be asked was changed",
        receipt,
        set_(
            "charter",
            encode(
                replaced(story.place.charter.body, b'"waiting_room":false', b'"waiting_room":true')
            ),
        ),
        ("enrolment", "bad-statement"),
    )
    cases.changed(
        "charter: another server's key",
        receipt,
        set_(
            "charter",
            encode(
                replaced(
                    story.place.charter.body,
                    encode(story.place.charter.server).encode(),
                    encode(story.place.charter.vault).encode(),
                )
            ),
        ),
        ("enrolment", "bad-statement"),
        ("log", "bad-signature"),
    )
    cases.changed(
        "words: one letter changed",
        receipt,
        lambda it: it["notices"][0].update(text=NOTICE.replace("may", "can", 1)),
        ("words", "other-words"),
    )
    cases.changed(
        "words: a space more",
        receipt,
        lambda it: it["notices"][1].update(text=FRENCH + " "),
        ("words", "other-words"),
    )
    languages = ("words", "other-languages")
    cases.changed("words: a language missing", receipt, lambda it: it["notices"].pop(), languages)
    cases.changed("words: in another order", receipt, lambda it: it["notices"].reverse(), languages)
    cases.changed(
        "words: a language too many",
        receipt,
        lambda it: it["notices"].append({"language": "it", "text": "Sì."}),
        languages,
    )
    cases.changed(
        "vault key: the signature changed",
        receipt,
        lambda it: flip(it["vault_key"], "signature"),
        ("vault-key", "bad-signature"),
    )
    cases.changed(
        "vault key: signed by the server",
        receipt,
        lambda it: it.update(
            vault_key=Desk.signed(story.place.server, decode(it["vault_key"]["document"]))
        ),
        ("vault-key", "bad-signature"),
    )
    cases.changed(
        "vault key: not a document",
        receipt,
        lambda it: it.update(vault_key=Desk.signed(story.place.vault_identity, b"{}", "x")),
        ("vault-key", "bad-document"),
    )
    assert story.place.vault_key is not None
    elsewhere = replaced(
        story.place.vault_key.body, encode(story.place.id).encode(), encode(bytes(16)).encode()
    )
    cases.changed(
        "vault key: another meeting's",
        receipt,
        lambda it: it.update(vault_key=Desk.signed(story.place.vault_identity, elsewhere)),
        ("vault-key", "other-meeting"),
    )


def _statements(cases: Cases) -> None:
    receipt = Story().whole().desk.receipt()
    bo = person(meeting(), "Bo")
    other = bo.enrol()
    others = bo.raw_answer("yes")

    def swap(number: int, said: Any) -> Change:
        return lambda it: it["statements"][number].update(
            document=encode(said.body), signature=encode(said.signature)
        )

    cases.changed(
        "enrolment: the signature changed",
        receipt,
        lambda it: flip(it["statements"][0], "signature"),
        ("enrolment", "bad-signature"),
    )
    cases.changed(
        "enrolment: a later time",
        receipt,
        lambda it: edit(it["statements"][0], "document", rb'"at":1', b'"at":2'),
        ("enrolment", "bad-signature"),
    )
    cases.changed("enrolment: another's", receipt, swap(0, other), ("answers", "bad-statement"))
    foreign = person(meeting(), "Ada").enrol(notice=encode(FOREIGN_NOTICE))
    cases.changed(
        "enrolment: words not in force",
        receipt,
        swap(0, foreign),
        ("enrolment", "notice-not-in-force"),
    )
    cases.changed(
        "answers: the signature changed",
        receipt,
        lambda it: flip(it["statements"][2], "signature"),
        ("answers", "bad-signature"),
    )
    cases.changed(
        "answers: a no made a yes",
        receipt,
        lambda it: edit(it["statements"][3], "document", b'"withdrawn"', b'"yes"'),
        ("answers", "bad-signature"),
    )
    cases.changed("answers: another's", receipt, swap(1, others), ("answers", "bad-statement"))
    stale = ("answers", "stale-statement")
    cases.changed(
        "answers: one taken out of the middle", receipt, lambda it: it["statements"].pop(2), stale
    )
    cases.changed(
        "answers: the first taken out", receipt, lambda it: it["statements"].pop(1), stale
    )
    cases.changed(
        "answers: in another order",
        receipt,
        lambda it: it["statements"].append(it["statements"].pop(1)),
        stale,
    )
    cases.changed(
        "answers: one said twice",
        receipt,
        lambda it: it["statements"].append(it["statements"][3]),
        stale,
    )
    story = Story().begin()
    story.desk.answer(story.ada.raw_answer("yes", notice=FOREIGN_NOTICE), 1)
    cases.add(
        "answers: words not in force", story.desk.receipt(), ("answers", "notice-not-in-force")
    )
    ack = "acknowledgements"
    cases.changed(
        "counter-signature: changed",
        receipt,
        lambda it: flip(it["statements"][1]["acknowledgement"], "signature"),
        (ack, "bad-signature"),
    )
    cases.changed(
        "counter-signature: of another statement",
        receipt,
        lambda it: it["statements"][1].update(
            acknowledgement=it["statements"][2]["acknowledgement"]
        ),
        (ack, "mismatch"),
    )
    place = meeting()
    document_ = decode(receipt["statements"][1]["acknowledgement"]["document"])

    def acknowledged(body: bytes, key: Any = place.server) -> Change:
        return lambda it: it["statements"][1].update(
            acknowledgement=Desk.signed(key, body, "assent/acknowledgement/v1")
        )

    cases.changed(
        "counter-signature: by the vault",
        receipt,
        acknowledged(document_, place.vault_identity),
        (ack, "bad-signature"),
    )
    cases.changed(
        "counter-signature: not a document", receipt, acknowledged(b"[]"), (ack, "bad-document")
    )
    for name, old, new in (
        ("another log", ORIGIN.encode(), b"meet.example/lug"),
        ("another index", rb'"index":\d+', b'"index":3'),
        ("another time", rb'"at":17', b'"at":18'),
        ("another person", encode(person(place, "Ada").id).encode(), encode(bo.id).encode()),
    ):
        cases.changed(
            f"counter-signature: {name}",
            receipt,
            acknowledged(re.sub(old, new, document_)),
            (ack, "mismatch"),
        )
