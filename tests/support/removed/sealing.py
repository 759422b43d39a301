"""What keeps a recording closed, and makes every change of it noticed: seals, digests, headers."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_VAULT = "storage/assent_vault/"
_GATE = f"{_VAULT}release/gate.py"
_OPENING = f"{_VAULT}keys/unsealing.py"
_TAMPERING = "assent_vault/test_tampering.py::"
_BYTES = "assent_vault/keys/test_unsealing.py::test_every_byte_of_"
_WATCH = "client-web/src/meeting/recorded-header.ts"
_WATCHED = "client-web/tests/meeting/generation-watch.test.ts"

_UNAUTHENTIC = Change(
    _OPENING,
    "        return decryptor.update(ciphertext) + decryptor.finalize()\n",
    "        return ciphertext\n",
)
UNSEALED: Final = (
    Change(
        f"{_VAULT}formats/segment.py",
        "            encryptor.update(plaintext),\n            encryptor.finalize(),\n",
        "            plaintext,\n",
    ),
    _UNAUTHENTIC,
)
NAMED: Final = Change(
    f"{_VAULT}formats/everyone.py",
    "    named = {encode(person.id) for header in headers for person in header.people}\n",
    "    named: set[str] = set()\n",
)
PLACED: Final = Change(_OPENING, "    if found != expected:\n", "    if not found:\n")
_LISTED = Change(
    f"{_VAULT}release/evidence_reader.py",
    "        intact += len(data) == entry.size and suite.digest(data) == entry.digest\n",
    "        intact += 1\n",
)
_OPENED_AS_LISTED = Change(
    _OPENING,
    "    if len(data) != entry.size or suite.digest(data) != entry.digest:\n",
    "    if not data:\n",
)
_SHARED = Change(
    f"{_VAULT}formats/suite.py",
    "    if not shares:\n"
    '        raise ValueError("a key of no shares is nobody\'s secret")\n'
    '    return hkdf(b"".join(shares), header, b"assent/training-key/v1")\n',
    '    return hkdf(header, header, b"assent/training-key/v1")\n',
)
# Of an epoch, which number it has, and that it is the first or comes after the one before.
_NUMBERED = Change(
    _GATE,
    "            if header.epoch != epoch.number or not _fits(header, charter, vault_key):\n",
    "            if not _fits(header, charter, vault_key):\n",
)
_FIRST = Change(
    _GATE,
    "        if headers and headers[0].previous is not None:\n"
    "            self.block(Code.BAD_EVIDENCE)\n",
    "",
)
_NEXT = Change(
    _GATE,
    "            if not _follows(before, after):\n                self.block(Code.BAD_EVIDENCE)\n",
    "            pass\n",
)
_LOGGED = Change(
    _GATE,
    "            if not same or told.closed.get(number) != closed.get(number):\n"
    "                self.block(Code.NOT_LOGGED)\n",
    "",
)

SEALING: Final[dict[str, tuple[Removal, ...]]] = {
    "flipping any byte": (
        Removal("what a segment holds is authenticated", (_UNAUTHENTIC,), (f"{_BYTES}a_segment",)),
        Removal(
            "shares name the header that they are for",
            (
                Change(
                    f"{_VAULT}formats/epoch.py",
                    '    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:\n',
                    '    if not fields.b64("header", suite.DIGEST_BYTES):\n',
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
            (f"{_BYTES}the_shares",),
        ),
        Removal(
            "a closing is signed by the server",
            (
                Change(
                    f"{_VAULT}formats/closing.py",
                    "    suite.verify(server, CLOSING_TYPE, body, signature)\n",
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
            (f"{_BYTES}a_grant",),
        ),
    ),
    "the same on stored objects": (
        Removal(
            "the gate compares every object with the digest that the closing lists",
            (_LISTED,),
            (f"{_TAMPERING}test_every_byte_of_every_segment_is_looked_at_by_the_gate",),
        ),
        Removal(
            "every share is opened, and the key is made of it",
            (
                Change(
                    f"{_VAULT}formats/suite.py",
                    '    return hkdf(b"".join(shares), header, b"assent/training-key/v1")\n',
                    '    return hkdf(shares[0], header, b"assent/training-key/v1")\n',
                ),
                Change(
                    _OPENING,
                    "        found.append(_share(train, box, header, person.id))\n",
                    "        assert box\n",
                ),
            ),
            (f"{_TAMPERING}test_any_byte_of_the_shares_keeps_everything_closed",),
        ),
        Removal(
            "an epoch that is missing before the others is missed",
            (_FIRST, _LOGGED),
            (f"{_TAMPERING}test_what_is_left_out_is_missed[sqlite-epoch]",),
            depth="the next header names it, and so does the log",
        ),
    ),
    "swapping segments, shares, epochs": (
        Removal(
            "all that binds a segment to its place: digests, what it says of itself, its seal",
            (_LISTED, _OPENED_AS_LISTED, PLACED, *UNSEALED),
            (f"{_TAMPERING}test_any_two_objects_that_change_places",),
        ),
        Removal(
            "an epoch has its number, and names the one before",
            (_NUMBERED, _FIRST, _NEXT),
            (f"{_TAMPERING}test_epochs_that_change_places",),
            depth="any one of them tells",
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
            "the gate compares the keys in a header with those enrolled",
            (
                Change(
                    _GATE,
                    "    if not all(_has_keys(person, enrolment) for person in seen):\n"
                    "        raise _Objection(Code.BAD_EVIDENCE)\n",
                    "",
                ),
            ),
            (
                "assent_vault/release/gate/test_people.py::test_header_with_a_key_that_was_not_enrolled",
            ),
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
                    "segment.seal_segment = unsealed  #",
                    "assert unsealed  #",
                ),
            ),
            ("end_to_end/test_plaintext.py::test_without_sealing_the_search_finds_it",),
        ),
    ),
    "the server's account": (
        Removal(
            "the key of an epoch is made of shares that are sealed",
            (_SHARED,),
            (
                "assent_vault/test_server_account.py::"
                "test_all_that_the_server_can_read_opens_nothing",
            ),
        ),
        Removal(
            "the same, of a meeting in real browsers",
            (_SHARED,),
            ("end_to_end/test_withdrawal.py::test_a_withdrawal_wins_over_an_export_not_begun",),
        ),
        Removal(
            "the same, of all that it reads, holds and says while a link does everything",
            (_SHARED,),
            ("end_to_end/test_watching.py::test_the_operator_opens_nothing_of_it[chromium]",),
        ),
        Removal(
            "the recorder forgets the key of an epoch",
            (
                Change(
                    "server/assent/recording/recorder.py",
                    "        self._stretch.stopped()\n",
                    "",
                ),
            ),
            ("assent/recording/test_recorder.py::test_keys_are_forgotten",),
        ),
    ),
}
