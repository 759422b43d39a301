"""What keeps a recording closed, and makes every change of it noticed: seals, digests, headers."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_GATE = f"{_VAULT}release/gate.py"
_OPENING = f"{_VAULT}keys/unsealing.py"
_TAMPERING = "assent_vault/test_tampering.py::"
_BYTES = "assent_vault/keys/test_relayed_opening.py::test_every_byte_of_"
_CHAIN = f"{_VAULT}ledger/generation_chain.py"
_REVIEW = f"{_VAULT}release/generation_review.py"
_TRACK = f"{_VAULT}keys/generation_segment_opening.py"
_BOXES = "assent_vault/release/test_generation_review.py::test_boxes_are_those_that_were_logged"
_ANY_BOX = "assent_vault/keys/test_relayed_opening.py::test_any_byte_of_the_boxes"
_WATCH = "client-web/src/meeting/recorded-header.ts"
_WATCHED = "client-web/tests/meeting/generation-watch.test.ts"

_UNAUTHENTIC = Change(
    _OPENING,
    "        return decryptor.update(ciphertext) + decryptor.finalize()\n",
    "        return ciphertext\n",
)
SEGMENTS_UNSEALED: Final = (
    Change(
        f"{_VAULT}formats/generation_segment.py",
        "            encryptor.update(plaintext),\n            encryptor.finalize(),\n",
        "            plaintext,\n",
    ),
    _UNAUTHENTIC,
)
UNSEALED: Final = (
    *SEGMENTS_UNSEALED,
    Change(
        f"{_VAULT}formats/sframe.py",
        "        return header +"
        " self._aead.encrypt(self._nonce(ctr), plaintext, header + metadata)\n",
        "        return header + plaintext + bytes(TAG_BYTES) + metadata[:0]\n",
    ),
    Change(
        f"{_VAULT}formats/sframe.py",
        "            plaintext = self._aead.decrypt(\n"
        "                self._nonce(header.ctr), ciphertext[at:], ciphertext[:at] + metadata\n"
        "            )\n",
        "            plaintext = ciphertext[at:-TAG_BYTES] + metadata[:0]\n",
    ),
)
NAMED: Final = Change(
    f"{_VAULT}formats/everyone.py",
    "    named = {encode(person.id) for header in headers for person in header.people}\n",
    "    named: set[str] = set()\n",
)
PLACED: Final = Change(
    _TRACK,
    "        if found != expected or Track.parse(entry.track).source != self._sender.source:\n",
    "        if not found:\n",
)
_LISTED = Change(
    f"{_VAULT}release/evidence_reader.py",
    "        intact += len(data) == entry.size and suite.digest(data) == entry.digest\n",
    "        intact += 1\n",
)
_OPENED_AS_LISTED = Change(
    _TRACK,
    "        if len(data) != entry.size or suite.digest(data) != entry.digest:\n",
    "        if not data:\n",
)
# The keys of slots, and what is around them.
_SHARED = (
    Change(
        f"{_VAULT}formats/slot_keys.py",
        '    return suite.hkdf(b"".join(shares), place,'
        ' b"assent/training-slot/v2\\0" + tag + bytes([slot]))\n',
        "    return suite.hkdf(place, place,"
        ' b"assent/training-slot/v2\\0" + tag + bytes([slot]))\n',
    ),
    Change(
        f"{_VAULT}formats/storing_keys.py",
        '    return suite.hkdf(outer, header, b"assent/track/v2\\0" + track.encode("ascii"))\n',
        '    return suite.hkdf(header, header, b"assent/track/v2\\0" + track.encode("ascii"))\n',
    ),
)
_TWO_SEALS = "what is stored is under an outer seal, and each frame under the key of its slot"
# Of a generation, that it comes after the one before, which has its number.
_FIRST = Change(
    _CHAIN,
    "        if recorded.number != 1:\n"
    '            raise GenerationError("not-linked", "It is not the first.")\n',
    "",
)
_NEXT = Change(
    _CHAIN,
    "        recorded.previous != before.digest\n"
    "        or recorded.number != last.number + 1\n"
    "        or header.generation <= before.generation\n",
    "        recorded.previous is last\n",
)
_IN_A_ROW = Change(
    _REVIEW,
    "    if [row.number for row in ordered] != list(range(1, len(ordered) + 1)):\n",
    "    if len(ordered) < 0:\n",
)
_AS_LOGGED = Change(
    _REVIEW,
    "    if {row.number for row in ordered} != opened.keys()"
    " or not closed.keys() <= opened.keys():\n",
    "    if opened.keys() < set():\n",
)
_LOGGED = Change(
    _GATE,
    "            if not same or closed.get(number) != was_closed.get(number):\n"
    "                self.block(Code.NOT_LOGGED)\n",
    "",
)

SEALING: Final[dict[str, tuple[Removal, ...]]] = {
    "flipping any byte": (
        Removal(
            "what a segment holds is authenticated", SEGMENTS_UNSEALED, (f"{_BYTES}a_segment",)
        ),
        Removal(
            "a header is signed",
            (
                Change(
                    f"{_VAULT}formats/suite.py",
                    "        raise SignatureError from error\n",
                    "        return\n",
                ),
            ),
            (f"{_BYTES}a_header",),
        ),
        Removal(
            "bytes have one spelling",
            (
                Change(
                    f"{_VAULT}formats/suite.py",
                    "    if encode(data) != text:\n",
                    "    if not data and text:\n",
                ),
            ),
            (_ANY_BOX,),
        ),
        Removal(
            "a closing is signed by the server",
            (
                Change(
                    f"{_VAULT}formats/generation_closing.py",
                    "    suite.verify(server, GENERATION_CLOSE_TYPE, body, signature)\n",
                    "",
                ),
            ),
            (f"{_BYTES}a_closing",),
        ),
        Removal(
            "an answer names the box of its grant",
            (
                Change(
                    f"{_VAULT}formats/statement.py",
                    "    if suite.digest(sealed) != answer.sealed:\n",
                    "    if not answer.sealed:\n",
                ),
            ),
            ("assent_vault/keys/test_unsealing.py::test_every_byte_of_a_grant",),
        ),
    ),
    "the same on stored objects": (
        Removal(
            "the gate compares every object with the digest that the closing lists",
            (_LISTED,),
            (f"{_TAMPERING}test_every_byte_of_every_segment_is_looked_at_by_the_gate",),
        ),
        Removal(
            "the boxes are those that were logged",
            (
                Change(
                    _REVIEW,
                    "    if row.boxes is None or row.boxes != logged.boxes:\n",
                    "    if row.boxes is None:\n",
                ),
            ),
            (_BOXES,),
        ),
        Removal(
            "every box is opened, is what the header commits to, and the keys are made of all",
            (
                Change(
                    f"{_VAULT}formats/slot_keys.py",
                    '    return suite.hkdf(b"".join(shares), place,',
                    "    return suite.hkdf(shares[0], place,",
                ),
                Change(
                    f"{_VAULT}keys/generation_opening.py",
                    "    if not constant_time.bytes_eq(commitment(shares),"
                    " commitment_of(header, owner)):\n",
                    "    if not commitment(shares):\n",
                ),
                Change(
                    f"{_VAULT}keys/generation_opening.py",
                    "        raise GenerationError("
                    '"bad-pair", "The pair key does not open.") from error\n',
                    '        return bytes(suite.KEY_BYTES) if error else b""\n',
                ),
            ),
            (f"{_TAMPERING}test_any_byte_of_what_the_keys_are_in_keeps_everything_closed[pairs]",),
        ),
        Removal(
            "a generation that is missing before the others is missed",
            (_FIRST, _IN_A_ROW, _AS_LOGGED, _LOGGED),
            (f"{_TAMPERING}test_what_is_left_out_is_missed[first generation]",),
            depth="by its number, and by the log",
        ),
    ),
    "swapping segments, boxes, generations": (
        Removal(
            "all that binds a segment to its place: digests, what it says of itself, its seal",
            (_LISTED, _OPENED_AS_LISTED, PLACED, *SEGMENTS_UNSEALED),
            (f"{_TAMPERING}test_any_two_objects_that_change_places",),
        ),
        Removal(
            "a generation has its number, and names the one before",
            (_FIRST, _NEXT),
            (f"{_TAMPERING}test_generations_that_change_places",),
        ),
    ),
    "a ghost": (
        Removal(
            "the browser knows everyone who can watch",
            (
                Change(
                    _WATCH,
                    "  return absent.every(({ id }) => seen.get(encode(id))?.host === true)"
                    ' ? null : "stranger";\n',
                    "  return absent.length < 0 ? null : null;\n",
                ),
            ),
            (
                f'{_WATCHED} "raises it at once for keys, strangers who watch,'
                ' and what is no header"',
            ),
        ),
        Removal(
            "the browser compares the enrolment of everyone with that it was shown",
            (
                Change(
                    _WATCH,
                    '    if (encode(person.enrolment) !== enrolment) return "wrong-keys";\n',
                    "",
                ),
            ),
            (
                f'{_WATCHED} "raises it at once for keys, strangers who watch,'
                ' and what is no header"',
            ),
        ),
        Removal(
            "the browser believes a header by the server's signature alone",
            (
                Change(
                    "client-web/src/e2ee/recorded-header.ts",
                    "    await verify(server, GENERATION_TYPE, body, signature);\n",
                    "    await Promise.resolve({ server, signature, verify, GENERATION_TYPE });\n",
                ),
            ),
            (
                f'{_WATCHED} "raises it at once for keys, strangers who watch,'
                ' and what is no header"',
            ),
        ),
        Removal(
            "nobody is recorded on an answer that their browser never gave",
            (
                Change(
                    _WATCH,
                    "  if (mine.present && (answer === null ||"
                    " !me.agreed.some((one) => equal(one, answer)))) {\n",
                    "  if (mine.present && answer === null) {\n",
                ),
            ),
            (f'{_WATCHED} "asks whether the answer that a header names was ever given"',),
        ),
        Removal(
            "the gate misses whoever is in a header and has not enrolled",
            (NAMED,),
            (
                "assent_vault/release/gate/test_people.py::test_header_with_somebody_who_never_enrolled",
            ),
        ),
    ),
    "keys swapped at enrolment": (
        Removal(
            "the browser compares its own enrolment with that in the header",
            (
                Change(
                    _WATCH,
                    '  if (!equal(mine.enrolment, me.enrolment)) return "wrong-keys";\n',
                    "",
                ),
            ),
            (f'{_WATCHED} "knows its own enrolment, whatever the server says was enrolled"',),
        ),
        Removal(
            "the gate compares the enrolments in a header with those that there are",
            (
                Change(
                    _GATE,
                    "    if any(person.enrolment != enrolment.digest for person in seen):\n"
                    "        raise _Objection(Code.BAD_EVIDENCE)\n",
                    "",
                ),
            ),
            ("assent_vault/release/gate/test_people.py::test_header_with_another_enrolment",),
        ),
    ),
    "a stolen disk": (
        Removal(
            "segments are sealed before they are stored",
            UNSEALED,
            ("assent/recording/test_recorder.py::test_neither_media_nor_keys_are_on_the_disk",),
        ),
        Removal(
            "the same, in real browsers",
            UNSEALED,
            ("end_to_end/test_plaintext.py::test_what_is_stored_holds_no_media_and_no_seed",),
        ),
        Removal(
            "the search finds media where there is no seal",
            (
                Change(
                    "tests/end_to_end/launchers/unsealed.py",
                    "generation_segment.seal_generation_segment = unsealed\n",
                    "assert unsealed\n",
                ),
            ),
            ("end_to_end/test_plaintext.py::test_without_sealing_the_search_finds_it",),
        ),
    ),
    "the server's account": (
        Removal(
            "the keys of slots are made of shares that are sealed",
            _SHARED,
            (
                "assent_vault/test_server_account.py::"
                "test_all_that_the_server_can_read_opens_nothing",
            ),
        ),
        Removal(
            "the same, of a meeting in real browsers",
            _SHARED,
            ("end_to_end/test_withdrawal.py::test_a_withdrawal_wins_over_an_export_not_begun",),
        ),
        Removal(
            "the same, of all that it reads, holds and says while a link does everything",
            _SHARED,
            ("end_to_end/test_watching.py::test_the_operator_opens_nothing_of_it[chromium]",),
        ),
        Removal(
            "the recorder forgets the keys of a generation",
            (
                Change(
                    "server/assent/recording/generation_stretch.py",
                    "        self._keys.forget()\n",
                    "        assert self._keys\n",
                ),
            ),
            ("assent/recording/test_recorder.py::test_keys_are_forgotten",),
        ),
    ),
}
