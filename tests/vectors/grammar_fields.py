"""What the fields of documents hold: languages, keys, versions, segments; and what comes first."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import suite
from assent_vault.formats.charter import MAX_COOLING_OFF_SECONDS
from assent_vault.formats.suite import decode, encode
from vectors.common import FOREIGN_NOTICE, Json, fixed
from vectors.grammar_bench import Bench, written

BAD = "bad-document"
STATEMENT = "bad-statement"
P25519 = 2**255 - 19
DAY_MS = 24 * 60 * 60 * 1000

# The y coordinates of the points of small order (FORMAT.md section 1.2), worked out from the curve
# and not taken from the readers: y = 0, 1, -1, two of order eight, and what else spells 0 and 1.
_SQUARE = (P25519 - 1) // 2


def _eighth() -> int:
    """Return one y of a point of order eight: one whose double has y = 0."""
    d = (-121665 * pow(121666, -1, P25519)) % P25519
    # For such a point x² = -y², so that -x² + y² = 1 + dx²y² becomes dy⁴ + 2y² - 1 = 0, and
    # y² = (-1 ± sqrt(1 + d)) / d with the sign for which that is a square.
    root = _root((1 + d) % P25519)
    for sign in (1, -1):
        square = (-1 + sign * root) * pow(d, -1, P25519) % P25519
        if pow(square, _SQUARE, P25519) == 1:
            return _root(square)
    raise AssertionError("there are points of order eight")


def _root(square: int) -> int:
    """Return a square root modulo 2^255 - 19 (RFC 8032, section 5.1.3)."""
    found = pow(square, (P25519 + 3) // 8, P25519)
    if found * found % P25519 != square:
        found = found * pow(2, (P25519 - 1) // 4, P25519) % P25519
    assert found * found % P25519 == square, "it is a square"
    return found


EIGHTH = _eighth()
SMALL_ORDER = (0, 1, P25519 - 1, P25519, P25519 + 1, EIGHTH, P25519 - EIGHTH)
# RFC 7748, section 6.1, and the points of small order that its readers know by u: the same field.
SMALL_U = (
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    P25519 - 1,
    P25519,
    P25519 + 1,
)
HIGH = 1 << 255


def add_to(bench: Bench) -> None:
    """Add the cases of this file."""
    _languages(bench)
    _charter(bench)
    _room(bench)
    _sign_keys(bench)
    _sealable(bench)
    _closings(bench)
    _names(bench)
    _records(bench)
    _first(bench)


def _languages(bench: Bench) -> None:
    longest = "en-Latn-US-abcdefgh-abcdefgh-abcdef"
    assert len(longest) == 35
    for tag, good in (
        ("en", True),
        ("yue", True),
        ("pt-BR", True),
        ("zh-Hant", True),
        ("zh-Hant-TW", True),
        ("es-419", True),
        ("sl-rozaj-biske", True),
        ("de-CH-1996", True),
        ("de-1996", True),
        (longest, True),
        (longest + "g", False),
        ("", False),
        ("e", False),
        ("engl", False),
        ("EN", False),
        ("En", False),
        ("en-us", False),
        ("en_US", False),
        ("en-latn", False),
        ("en-LATN", False),
        ("en-US-Latn", False),
        ("en-41", False),
        ("en-4199", True),  # four characters that begin with a digit are a variant
        ("en-a199", False),
        ("en-ABCDE", False),
        ("zh-yue", False),
        ("en-u-ca-buddhist", False),
        ("x-private", False),
        ("i-klingon", False),
        ("en-", False),
        ("-en", False),
        ("en--US", False),
        ("en ", False),
        ("en\n", False),
        ("\u00e9n", False),
        ("en-\u0664\u0661\u0669", False),
        ("\u212ang", False),
    ):
        body = written(bench.answer(language=tag))
        name = f"the language {tag!a}"
        bench.add("answer", name, body, None if good else STATEMENT)
    digest = encode(fixed("en"))
    for tag, code in ((longest, None), (longest + "g", BAD), ("EN", BAD), ("", BAD)):
        body = written(bench.notice({tag: digest}))
        bench.add("record", f"words in the language {tag!a}", body, code)
    for tag, code in ((longest, None), (longest + "g", "not-a-receipt"), ("EN", "not-a-receipt")):
        body = written(bench.receipt(notices=[{"language": tag, "text": ""}]))
        bench.add("receipt", f"a text in the language {tag!a}", body, code)


def _charter(bench: Bench) -> None:
    texts = {"en": encode(fixed("en"))}
    created = bench.charter()["created"]
    for name, changes, code in (
        ("version 1", {"notice": {"version": 1, "texts": texts}}, None),
        ("version 0", {"notice": {"version": 0, "texts": texts}}, BAD),
        ("words in no language", {"notice": {"version": 1, "texts": {}}}, BAD),
        ("over at once", {"expires": created}, None),
        ("over before it began", {"expires": created - 1}, BAD),
        ("kept for a day", {"retention_days": 1}, None),
        ("kept for no day", {"retention_days": 0}, BAD),
        ("kept for 36,500 days", {"retention_days": 36_500}, None),
        ("kept for 36,501 days", {"retention_days": 36_501}, BAD),
        ("366 days to think", {"cooling_off_seconds": MAX_COOLING_OFF_SECONDS}, None),
        ("366 days and a second", {"cooling_off_seconds": MAX_COOLING_OFF_SECONDS + 1}, BAD),
        ("training without recording", {"recording": False}, BAD),
        ("a switch of one", {"recording": 1}, BAD),
        ("end to end, which nothing is yet", {"mode": "end-to-end"}, BAD),
        ("a mode that there is not", {"mode": "open"}, BAD),
    ):
        bench.add("charter", name, written(bench.charter(**changes)), code)
    header = bench.fields(bench.header.body)
    for version, code in ((1, None), (0, BAD)):
        recorded = header["recorded"] | {"notice_version": version}
        body = written(header | {"recorded": recorded})
        bench.add("header", f"words of version {version}", body, code)
        body = written(bench.notice(texts, version))
        bench.add("record", f"words of version {version}", body, code)


def _room(bench: Bench) -> None:
    for name, changes, code in (
        ("end to end", {"mode": "end-to-end"}, None),
        ("a mode that there is not", {"mode": "open"}, BAD),
        ("another suite", {"suite": "assent-1"}, BAD),
        ("kept for a day", {"retention_days": 1}, None),
        ("kept for no day", {"retention_days": 0}, BAD),
        ("kept for 36,500 days", {"retention_days": 36_500}, None),
        ("kept for 36,501 days", {"retention_days": 36_501}, BAD),
        ("366 days to think", {"cooling_off_seconds": MAX_COOLING_OFF_SECONDS}, None),
        ("366 days and a second", {"cooling_off_seconds": MAX_COOLING_OFF_SECONDS + 1}, BAD),
        ("training without recording", {"recording": False}, BAD),
        ("a switch of one", {"waiting_room": 1}, BAD),
        ("31 random bytes", {"random": encode(bytes(31))}, BAD),
    ):
        bench.add("room", name, written(bench.room(**changes)), code)


def _sign_keys(bench: Bench) -> None:
    for y in SMALL_ORDER:
        for value in (y, y + HIGH):
            key = encode(value.to_bytes(32, "little"))
            body = written(bench.charter(vault=key))
            bench.add("charter", f"a vault key of small order, {key}", body, BAD)
    bench.add("charter", "y = 2", written(bench.charter(vault=encode(_number(2)))), None)
    weak = encode(_number(1))
    adopted = bench.adopted()
    for reader, fields, key, code in (
        ("charter", bench.charter(), "server", BAD),
        ("room", bench.room(), "host", BAD),
        ("room", bench.room(), "vault", BAD),
        ("room", bench.room(), "server", BAD),
        ("enrolment", bench.fields(bench.enrolment.body), "sign", STATEMENT),
        ("log", bench.log(), "key", BAD),
        ("log", bench.log(), "server", BAD),
        ("record", adopted, "vault", BAD),
    ):
        name = f"{key} is a key of small order"
        bench.add(reader, name, written(fields | {key: weak}), code)
    bench.add("record", "adopted", written(adopted), None)


def _sealable(bench: Bench) -> None:
    """X-Wing keys: FIPS 203 section 7.2, the modulus check; RFC 7748 section 6.1."""
    good = decode(bench.vault_key()["key"])
    for name, changed, code in (
        ("the first coefficient 3,328", _coefficient(good, 0, 3328), None),
        ("the first coefficient 3,329", _coefficient(good, 0, 3329), BAD),
        ("the second coefficient 3,328", _coefficient(good, 1, 3328), None),
        ("the second coefficient 3,329", _coefficient(good, 1, 3329), BAD),
        ("the last coefficient 3,328", _coefficient(good, 767, 3328), None),
        ("the last coefficient 3,329", _coefficient(good, 767, 3329), BAD),
        ("the last coefficient 4,095", _coefficient(good, 767, 4095), BAD),
    ):
        bench.add("vault-key", name, written(bench.vault_key(changed)), code)
    for u in SMALL_U:
        for value in (u, u + HIGH):
            tail = value.to_bytes(32, "little")
            body = written(bench.vault_key(good[:-32] + tail))
            bench.add("vault-key", f"X25519 of small order, {encode(tail)}", body, BAD)
    bench.add("vault-key", "u = 9", written(bench.vault_key(good[:-32] + _number(9))), None)
    enrolment = bench.fields(bench.enrolment.body)
    for key in ("watch", "train"):
        known = decode(enrolment[key])
        for name, changed in (
            ("a coefficient 3,329", _coefficient(known, 3, 3329)),
            ("X25519 of small order", known[:-32] + bytes(32)),
        ):
            body = written(enrolment | {key: encode(changed)})
            bench.add("enrolment", f"{key}: {name}", body, STATEMENT)


def _number(value: int) -> bytes:
    return value.to_bytes(32, "little")


def _coefficient(key: bytes, number: int, value: int) -> bytes:
    """Set one of the 768 coefficients of 12 bits (FIPS 203, ByteEncode with d = 12)."""
    bits = int.from_bytes(key[:1152], "little")
    bits = bits & ~(0xFFF << 12 * number) | value << 12 * number
    return bits.to_bytes(1152, "little") + key[1152:]


def _closings(bench: Bench) -> None:
    def track(source: str, who: bytes = bench.ada.id) -> str:
        return f"{encode(who)}.{source}"

    def row(*places: tuple[str, int]) -> list[Json]:
        return [bench.segment(track=track(source), sequence=at) for source, at in places]

    cases: list[tuple[str, list[Json], str | None]] = [
        ("no segment", [], None),
        ("one segment", [bench.segment()], None),
        ("of no byte", [bench.segment(size=0)], BAD),
        ("that ends as it starts", [bench.segment(start=5, end=5)], None),
        ("that ends before it starts", [bench.segment(start=5, end=4)], BAD),
        ("of a day", [bench.segment(start=0, end=DAY_MS)], None),
        ("of a day and a millisecond", [bench.segment(start=0, end=DAY_MS + 1)], BAD),
        ("two tracks in order", row(("camera", 0), ("camera", 1), ("microphone", 0)), None),
        ("two tracks out of order", row(("microphone", 0), ("camera", 0)), BAD),
        ("a track in two places", row(("camera", 0), ("microphone", 0), ("camera", 1)), BAD),
        ("a gap", row(("camera", 0), ("camera", 2)), BAD),
        ("a sequence from 1", row(("camera", 1)), BAD),
        ("a sequence twice", row(("camera", 0), ("camera", 0)), BAD),
        ("of no source there is", row(("mirror", 0)), BAD),
        ("of two sources", row(("camera.camera", 0)), BAD),
        ("of a source in capitals", row(("Camera", 0)), BAD),
        ("of a person too short", [bench.segment(track="AAAA.camera")], BAD),
        (
            "of somebody who was not present",
            [bench.segment(track=track("camera", bench.bo.id))],
            BAD,
        ),
        ("of somebody unheard of", [bench.segment(track=track("camera", fixed("Cy")))], BAD),
    ]
    for name, segments, code in cases:
        bench.add("closing", name, written(bench.closing(*segments)), code)
    for key, value in (
        ("header", encode(fixed("another"))),
        ("meeting", encode(bytes(16))),
        ("generation", 2),
        ("generation", 0),
        ("accepts", encode(fixed("acceptances"))),
        ("interrupted", 0),
        ("ended", -1),
    ):
        body = written(bench.closing(**{key: value}))
        bench.add("closing", f"{key} is {value}", body, BAD)


def _names(bench: Bench) -> None:
    for name, origin, code in (
        ("of 200 characters", "a" * 200, None),
        ("of 201 characters", "a" * 201, BAD),
        ("of none", "", BAD),
        ("of every sign", "!\"#$%&'()*,-./:;<=>?@[\\]^_`{|}~", None),
        ("with a plus", "log+1", BAD),
        ("with a space", "log 1", BAD),
        ("with a control character", "log\x7f", BAD),
        ("with another letter", "l\u00f6g", BAD),
    ):
        bench.add("log", f"an origin {name}", written(bench.log(origin=origin)), code)
        body = written(bench.acknowledgement(origin=origin))
        bench.add("acknowledgement", f"an origin {name}", body, code)


def _records(bench: Bench) -> None:
    """Numbers and choices of records, at their ends."""
    person, meeting = encode(bench.ada.id), encode(bench.place.id)
    digest = encode(fixed("a digest"))

    def revoked(who: str | None, purpose: str, sequence: int, by: str = "host") -> Json:
        return bench.record("revoked", meeting=meeting, person=who, purpose=purpose,
                            sequence=sequence, by=by)  # fmt: skip

    def opened(number: int, committer: str | None = None) -> Json:
        return bench.record("generation-opened", meeting=meeting, number=number, header=digest,
                            committer=committer, boxes=digest)  # fmt: skip

    def closed(accepts: str | None) -> Json:
        return bench.record("generation-closed", meeting=meeting, number=1, header=digest,
                            closing=digest, accepts=accepts)  # fmt: skip

    def lost(slots: object) -> Json:
        return bench.record("slot-lost", meeting=meeting, header=digest, slots=slots)

    for name, fields, code in (
        ("answer 1", bench.answered(), None),
        ("answer 0", bench.answered(sequence=0), BAD),
        (
            "withdrawn, answer 0",
            bench.record("withdrawn", meeting=meeting, person=person, sequence=0, answer=digest),
            None,
        ),
        ("generation 1", opened(1), None),
        ("generation 0", opened(0), BAD),
        ("a generation by a page", opened(1, committer=digest), None),
        ("a generation by half a page", opened(1, committer=digest[:-1]), BAD),
        ("a generation by nobody said", opened(1, committer=""), BAD),
        ("a generation closed with acceptances", closed(digest), None),
        ("a generation closed without", closed(None), None),
        ("slots lost", lost([[0, 255]]), None),
        ("slots lost with one between", lost([[0, 0], [2, 2]]), None),
        ("slots lost that touch", lost([[0, 0], [1, 1]]), BAD),
        ("slots lost, none", lost([]), BAD),
        ("slots lost, one too high", lost([[0, 256]]), BAD),
        ("slots lost, backwards", lost([[2, 1]]), BAD),
        ("slots lost, one number", lost([[2]]), BAD),
        ("slots lost, not in lists", lost([2, 3]), BAD),
        ("erased of everyone", bench.record("erased", meeting=meeting, person=None), None),
        ("revoked of a person", revoked(person, "training", 0), None),
        ("revoked of the meeting", revoked(None, "meeting", 0), None),
        ("revoked of nobody", revoked(None, "training", 0), BAD),
        ("revoked of a meeting and a person", revoked(person, "meeting", 0), BAD),
        ("revoked of a meeting after an answer", revoked(None, "meeting", 1), BAD),
        ("revoked by a guest", revoked(person, "training", 0, "guest"), BAD),
        ("ended", bench.record("ended", meeting=meeting), None),
        ("ended, a meeting id too short", bench.record("ended", meeting=encode(bytes(15))), BAD),
        ("ended, padded", bench.record("ended", meeting=meeting + "=="), BAD),
        ("ended, a bit too many", bench.record("ended", meeting=meeting[:-1] + "x"), BAD),
    ):
        bench.add("record", name, written(fields), code)


def _first(bench: Bench) -> None:
    """Where several things are wrong: document, whose it is, signature, place, words, wills."""
    forged = bytes(64)
    stranger = suite.sign_public(Ed25519PrivateKey.from_private_bytes(fixed("stranger")))
    for name, changes, code in (
        ("no language and forged", {"language": "EN", "sequence": 2}, STATEMENT),
        ("of another meeting and forged", {"meeting": encode(bytes(16))}, STATEMENT),
        ("of another person and forged", {"person": encode(stranger)}, STATEMENT),
        ("out of place and forged", {"sequence": 2}, "bad-signature"),
        ("other words and forged", {"notice": encode(FOREIGN_NOTICE)}, "bad-signature"),
        ("forged", {}, "bad-signature"),
    ):
        bench.add("answer", name, written(bench.answer(**changes)), code, forged)
    other_words = {"notice": encode(FOREIGN_NOTICE)}
    for name, changes, code in (
        ("out of place and other words", other_words | {"sequence": 2}, "stale-statement"),
        (
            "other words and a will that cannot be",
            other_words | {"recording": "withdrawn"},
            "notice-not-in-force",
        ),
        ("a will that cannot be", {"recording": "withdrawn"}, STATEMENT),
    ):
        bench.add("answer", name, written(bench.answer(**changes)), code)
    enrolment = bench.fields(bench.enrolment.body)
    watch = _coefficient(decode(enrolment["watch"]), 0, 3329)
    for name, changes, code in (
        ("a key nobody can seal to, forged", {"watch": encode(watch)}, STATEMENT),
        ("another charter, forged", {"charter": encode(bytes(32))}, STATEMENT),
        ("other words, forged", other_words, "bad-signature"),
        ("forged", {}, "bad-signature"),
    ):
        bench.add("enrolment", name, written(enrolment | changes), code, forged)
    bench.add("enrolment", "other words", written(enrolment | other_words), "notice-not-in-force")
    weak = bench.vault_key(_coefficient(decode(bench.vault_key()["key"]), 0, 3329))
    bench.add("vault-key", "a key nobody can seal to, forged", written(weak), BAD, forged)
    bench.add("vault-key", "forged", written(bench.vault_key()), "bad-signature", forged)
    empty = written(bench.closing(bench.segment(size=0)))
    bench.add("closing", "a segment of no byte, forged", empty, BAD, forged)
    other = written(bench.closing(generation=2))
    bench.add("closing", "of another generation, forged", other, "bad-signature", forged)
    bench.add("closing", "forged", written(bench.closing()), "bad-signature", forged)
