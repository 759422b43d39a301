"""The cases of ``receipts/`` that are about the log: its records, its heads and its proofs."""

from __future__ import annotations

import copy
import re
from typing import Any

from assent_vault.formats import suite
from assent_vault.formats.suite import decode, encode
from support.paper_log import PaperLog, line
from support.people import NOTICE_DIGEST
from support.receipts import ORIGIN, Desk, Json, key_of
from vectors.common import meeting, person
from vectors.receipt_cases import Cases, Change, Story, edit, flip, odd, set_, under


def records(cases: Cases) -> None:
    receipt = Story().whole().desk.receipt()
    bad, mismatch = ("records", "bad-document"), ("records", "mismatch")
    signature, order, missing = (
        ("records", "bad-signature"),
        ("records", "out-of-order"),
        ("records", "missing"),
    )
    gone = ("inclusion", "not-in-log")

    def lied(
        title: str, kind: str, failure: tuple[str, str], story: str = "whole", **changes: Any
    ) -> None:
        """Have the server log something else than what is so."""
        told = False

        def lie(logged: str, number: int, values: Json) -> Json:
            nonlocal told
            if logged != kind or told:
                return values
            told = True
            return values | changes

        made = Story(lie)
        getattr(made, story)()
        assert told, title
        cases.add(f"records: {title}", made.desk.receipt(), failure)

    bo = encode(person(meeting(), "Bo").id)
    elsewhere = encode(bytes(16))
    lied("adopted, and signed by the one that was lost", "adopted", signature, "taken_over",
         vault=encode(meeting().charter.vault))  # fmt: skip
    lied("adopted by nobody", "adopted", bad, "taken_over", vault=encode(bytes(31)))
    lied("another meeting was adopted", "adopted", mismatch, "taken_over", meeting=elsewhere)
    other = Story().begin().answer("yes", "unanswered").recorded()
    other.desk.adopted_by = key_of("another vault")
    other.answer("withdrawn", "unanswered").withdrawn()
    cases.add("records: another vault, which nobody adopted it", other.desk.receipt(), signature)
    lied("enrolled in another meeting", "enrolled", mismatch, meeting=elsewhere)
    lied("another has enrolled", "enrolled", mismatch, person=bo)
    lied("another enrolment", "enrolled", mismatch, enrolment=encode(bytes(32)))
    lied("another has answered", "answered", mismatch, person=bo)
    lied("another answer", "answered", mismatch, answer=encode(bytes(32)))
    lied("another number of an answer", "answered", mismatch, sequence=2)
    lied("no number of an answer", "answered", bad, sequence=0)
    lied("a field more", "admitted", bad, name="Ada")
    lied("no such type", "admitted", bad, type="assent/entry/dismissed/v1")
    lied("another was let in", "admitted", mismatch, person=bo)
    lied("let in with another enrolment", "admitted", mismatch, enrolment=encode(bytes(32)))
    lied("words of another version", "notice", mismatch, version=2)
    lied("other words", "notice", mismatch, texts={"en": encode(NOTICE_DIGEST)})
    lied("another charter", "meeting", mismatch, charter=encode(bytes(32)))
    lied("another meeting", "meeting", mismatch, meeting=elsewhere)
    lied("a generation of another meeting", "generation-opened", mismatch, meeting=elsewhere)
    lied("a generation without a number", "generation-opened", bad, number=0)
    lied("a committer that is no page", "generation-opened", bad, committer=encode(bytes(31)))
    lied("a generation without boxes", "generation-opened", bad, boxes=None)
    lied("a generation of format 1", "generation-opened", bad, type="assent/entry/epoch-opened/v1")
    lied("acceptances that are no digest", "generation-closed", bad, accepts=encode(bytes(31)))
    hosted = "hosted"
    lied("another is a host", "host", mismatch, hosted, person=bo)
    lied("a host in another meeting", "host", mismatch, hosted, meeting=elsewhere)
    lied("an act of a host in another meeting", "armed", mismatch, hosted, meeting=elsewhere)
    lied("another was removed", "removed", mismatch, hosted, person=bo)
    lied("slots of another meeting", "slot-lost", mismatch, hosted, meeting=elsewhere)
    for what, slots in (
        ("none", []),
        ("in another order", [[5, 9], [3, 3]]),
        ("that touch", [[3, 4], [5, 9]]),
        ("from the last to the first", [[9, 5]]),
        ("after the last there is", [[200, 256]]),
        ("of one number", [[3]]),
        ("of three numbers", [[3, 4, 5]]),
        ("of no numbers", [["3", "4"]]),
        ("of true and false", [[False, True]]),
    ):
        lied(f"lost slots, {what}", "slot-lost", bad, hosted, slots=slots)
    lied("withdrawn by another", "withdrawn", mismatch, person=bo)
    lied("erased for another", "erased", mismatch, person=bo)
    lied("released on a head of the future", "released", mismatch, "kept_to_the_end", size=999)
    lied("exported on a head of the future", "exported", mismatch, "kept_to_the_end", size=999)
    lied("destroyed for no reason", "destroyed", bad, "kept_to_the_end", reason="")
    acts = "acted_for"
    lied("taken back for another", "revoked", mismatch, acts, person=bo)
    lied("an act in another meeting", "revoked", mismatch, acts, meeting=elsewhere)
    lied("an act without a purpose", "revoked", bad, acts, purpose="watching")
    lied("an act by nobody", "revoked", bad, acts, by="guest")
    lied("an act for nobody", "revoked", bad, acts, person=None)
    lied("an act for somebody that is about the meeting", "revoked", bad, acts, purpose="meeting")
    lied("the meeting deleted after an answer", "revoked", bad, "deleted", sequence=1)
    lied("carried out for another", "withdrawn", mismatch, acts, person=bo)
    others = Story().acted_for().desk.receipt()
    place = next(
        at for at, it in enumerate(others["entries"]) if b"revoked" in decode(it["record"])
    )
    cases.changed(
        "records: an act that nobody signed",
        others,
        lambda it: it["entries"][place].update(signature=None),
        signature,
    )
    cases.changed(
        "records: an act signed by the vault",
        others,
        lambda it: it["entries"][place].update(
            signature=Desk.signed(meeting().vault_identity, decode(it["entries"][place]["record"]))[
                "signature"
            ]
        ),
        signature,
    )
    cases.changed(
        "records: carried out before it was done",
        others,
        lambda it: it["entries"].pop(place),
        mismatch,
    )
    cases.changed(
        "records: the vault's signature is missing",
        receipt,
        lambda it: it["entries"][-1].update(signature=None),
        signature,
    )
    cases.changed(
        "records: the vault's signature changed",
        receipt,
        lambda it: flip(it["entries"][-1], "signature"),
        signature,
    )
    cases.changed(
        "records: the server's is signed",
        receipt,
        lambda it: it["entries"][0].update(signature=it["entries"][-1]["signature"]),
        signature,
    )
    cases.changed(
        "records: the server signs for the vault",
        receipt,
        lambda it: it["entries"][-1].update(
            signature=Desk.signed(meeting().server, decode(it["entries"][-1]["record"]))[
                "signature"
            ]
        ),
        signature,
    )
    cases.changed(
        "records: not a document",
        receipt,
        lambda it: it["entries"][0].update(record=encode(b"")),
        bad,
        gone,
    )
    cases.changed(
        "records: a later time",
        receipt,
        lambda it: edit(it["entries"][2], "record", rb'"at":17', b'"at":18'),
        gone,
    )
    cases.changed(
        "records: the statement's entry is another's",
        receipt,
        lambda it: it["statements"][1].update(entry=it["statements"][2]["entry"]),
        mismatch,
    )
    cases.changed(
        "records: a statement's entry among the others",
        receipt,
        lambda it: it["entries"].insert(2, it["statements"][0]["entry"]),
        bad,
    )
    cases.changed(
        "records: in another order",
        receipt,
        lambda it: it["entries"].insert(0, it["entries"].pop(1)),
        order,
    )
    cases.changed(
        "records: an entry twice",
        receipt,
        lambda it: it["entries"].insert(1, it["entries"][0]),
        order,
    )
    cases.changed(
        "records: a generation closed before it was opened",
        receipt,
        lambda it: it["entries"].pop(4),
        order,
    )
    cases.changed("records: no words", receipt, lambda it: it["entries"].pop(0), missing)
    cases.changed("records: no meeting", receipt, lambda it: it["entries"].pop(1), missing)
    cases.changed("records: none but the statements'", receipt, set_("entries", []), missing)


def logs(cases: Cases) -> None:
    story = Story().whole()
    receipt = story.desk.receipt()
    server = story.place.server
    cases.changed(
        "log: the signature changed",
        receipt,
        lambda it: flip(it["log"], "signature"),
        ("log", "bad-signature"),
    )
    other = encode(key_of("foreign log").public_key().public_bytes_raw())

    def vouched(signer: Any = server, **changes: Any) -> Change:
        return set_("log", Desk.signed(signer, story.desk.log_document(**changes), "assent/log/v1"))

    cases.changed(
        "log: another key, not vouched for",
        receipt,
        lambda it: it["log"].update(document=encode(story.desk.log_document(key=other))),
        ("log", "bad-signature"),
    )
    cases.changed(
        "log: vouched for by the vault",
        receipt,
        vouched(story.place.vault_identity),
        ("log", "bad-signature"),
    )
    cases.changed("log: another server's", receipt, vouched(server=other), ("log", "other-key"))
    cases.changed(
        "log: another key, vouched for", receipt, vouched(key=other), ("heads", "bad-signature")
    )
    cases.changed(
        "log: another log of the server",
        receipt,
        vouched(origin="meet.example/lug"),
        ("acknowledgements", "mismatch"),
        ("heads", "other-log"),
    )
    cases.changed(
        "log: a name with a plus",
        receipt,
        vouched(origin="meet+example/log"),
        ("log", "bad-document"),
    )
    cases.changed(
        "log: a name with a space",
        receipt,
        vouched(origin="meet example/log"),
        ("log", "bad-document"),
    )


def heads(cases: Cases) -> None:
    story = Story().whole()
    log = story.desk.log
    receipt = story.desk.receipt()
    size = len(log.entries)
    text = log.text(size)
    gone, bad = ("inclusion", "not-in-log"), ("heads", "bad-document")

    def proof(old: str, new: str) -> Change:
        def change(it: Json) -> None:
            entry = it["entries"][2]
            entry["proof"] = re.sub(old, new, entry["proof"], count=1)

        return change

    first = receipt["entries"][2]["proof"].split("\n")[2]
    cases.changed("proofs: not one", receipt, lambda it: it["entries"][2].update(proof=""), bad)
    cases.changed("proofs: another version", receipt, proof("proof@v1", "proof@v2"), bad)
    cases.changed(
        "proofs: another index", receipt, proof(r"index \d+", "index 1"), ("heads", "mismatch")
    )
    cases.changed(
        "proofs: an index with a zero before it", receipt, proof("index ", "index 0"), bad
    )
    cases.changed("proofs: a hash too short", receipt, proof(re.escape(first), first[4:]), bad)
    cases.changed(
        "proofs: a hash spelled otherwise",
        receipt,
        proof(re.escape(first), first[:-2] + odd(first[-2]) + "="),
        bad,
    )
    cases.changed(
        "proofs: no signature under the head", receipt, proof("\n\n\u2014.*\n", "\n\n"), bad
    )
    cases.changed("proofs: the head's last newline is missing", receipt, proof(r"\n\Z", ""), bad)
    cases.changed(
        "proofs: a hash changed",
        receipt,
        proof(re.escape(first), ("B" if first[0] == "A" else "A") + first[1:]),
        gone,
    )
    cases.changed("proofs: a hash too few", receipt, proof(re.escape(first) + "\n", ""), gone)
    cases.changed(
        "proofs: a hash too many", receipt, proof(re.escape(first), f"{first}\n{first}"), gone
    )
    cases.changed(
        "proofs: the wrong salt",
        receipt,
        lambda it: it["entries"][2].update(salt=it["entries"][1]["salt"]),
        gone,
    )
    cases.changed(
        "proofs: of another entry",
        receipt,
        lambda it: it["entries"][2].update(
            index=it["entries"][2]["index"] - 1, proof=log.proof(it["entries"][2]["index"] - 1)
        ),
        ("records", "out-of-order"),
        gone,
    )
    cases.add("proofs: a head from before the entries", story.desk.receipt(9), gone)
    forged = f"{text}\n{line(ORIGIN, key_of('foreign log'), text)}"
    signature = ("heads", "bad-signature")
    cases.add("heads: signed by another log", under(receipt, log, forged), signature)
    cases.changed(
        "heads: another size", receipt, proof(rf"\n{size}\n", f"\n{size + 1}\n"), signature
    )
    cases.changed(
        "heads: another root",
        receipt,
        lambda it: it["entries"][2].update(
            proof=log.proof(
                it["entries"][2]["index"],
                note=log.note(text).replace(text.split("\n")[2], "A" * 43 + "="),
            )
        ),
        signature,
    )
    cases.add(
        "heads: one of two signatures of the log is none",
        under(receipt, log, log.note(text) + line(ORIGIN, log.key, "other words\n")),
        signature,
    )
    elsewhere = text.replace(ORIGIN, "meet.example/lug")
    cases.add(
        "heads: of another log",
        under(receipt, log, f"{elsewhere}\n{line('meet.example/lug', log.key, elsewhere)}"),
        ("heads", "other-log"),
    )
    cases.add(
        "heads: with a control character",
        under(receipt, log, log.note(text.replace(f"\n{size}\n", f"\n{size}\r\n"))),
        bad,
    )
    # Two views of one log: in the second another entry stands where nobody's does in the first.
    second = PaperLog(ORIGIN, log.key)
    second.entries = [suite.digest(b"hidden"), *log.entries[1:]]
    views = copy.deepcopy(receipt)
    views["entries"][2]["proof"] = second.proof(views["entries"][2]["index"])
    cases.add("heads: two views of one log", views, ("heads", "split-view"))
