"""The feed of recalls: it only grows, and nothing that was not signed is in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import jws
from assent_vault.dataset import feed as feeds
from assent_vault.dataset.feed import FeedError
from assent_vault.formats import document, suite
from support.data_set import KEY, MEETINGS
from support.recalls import AT, EXPORT, recalling

OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
VAULT = suite.sign_public(KEY)
MANIFEST = bytes(range(32))
BEGUN = feeds.begin(KEY, EXPORT, MANIFEST, AT)
FIRST = recalling(BEGUN, MEETINGS[0])
BOTH = recalling(FIRST, MEETINGS[1])


def lines(body: bytes) -> list[bytes]:
    return body.splitlines(keepends=True)


def code(body: bytes) -> str | None:
    try:
        feeds.parse(body)
    except FeedError as error:
        return error.code
    return None


def test_it_tells_what_was_recalled() -> None:
    feed = feeds.parse(BOTH)
    assert (feed.export, feed.manifest, feed.opened_at) == (EXPORT, MANIFEST, AT)
    assert [(each.sequence, each.meeting, each.reason) for each in feed.recalls] == [
        (1, MEETINGS[0], "withdrawn"),
        (2, MEETINGS[1], "withdrawn"),
    ]
    assert feed.signers == {VAULT}
    assert feeds.parse(BEGUN).recalls == ()


def test_a_line_is_a_jws_that_anybody_verifies() -> None:
    """RFC 7515 section 7.2.2, by nothing of ours."""
    before = b""
    for line in lines(BOTH):
        said = json.loads(line)
        raw = base64.urlsafe_b64decode(said["signature"] + "==")
        KEY.public_key().verify(raw, f"{said['protected']}.{said['payload']}".encode())
        body = base64.urlsafe_b64decode(said["payload"] + "==")
        entry = json.loads(body)
        assert json.loads(base64.urlsafe_b64decode(said["protected"] + "==")) == {
            "alg": "Ed25519",
            "typ": entry["type"],
            "kid": suite.encode(VAULT),
        }
        assert entry.get("previous", "") == suite.encode(before)
        before = suite.digest(body)


def signed(key: Ed25519PrivateKey = KEY, **changed: object) -> bytes:
    """Sign what could be the entry after ``FIRST``, with something changed."""
    said = {
        "type": feeds.RECALL,
        "export": EXPORT,
        "sequence": 2,
        "previous": suite.encode(feeds.parse(FIRST).digests[-1]),
        "meeting": MEETINGS[1],
        "reason": "withdrawn",
        "at": AT,
    } | changed
    return FIRST + jws.sign_line(key, feeds.RECALL, document.write(said))


def with_line(**changed: str) -> bytes:
    said = json.loads(lines(FIRST)[1]) | changed
    return BEGUN + json.dumps(said, separators=(",", ":")).encode() + b"\n"


BROKEN = {
    "nothing": b"",
    "no end of a line": BOTH[:-1],
    "cut off": BOTH[:-9] + b"\n",
    "an empty line": BEGUN + b"\n",
    "no beginning": b"".join(lines(BOTH)[1:]),
    "one left out": lines(BOTH)[0] + lines(BOTH)[2],
    "in another order": lines(BOTH)[0] + lines(BOTH)[2] + lines(BOTH)[1],
    "one twice": FIRST + lines(FIRST)[1],
    "begun twice": BEGUN + BEGUN,
    "no JSON": BEGUN + b"x\n",
    "no JWS": BEGUN + b"[]\n",
    "deep": BEGUN + b"[" * 4000 + b"\n",
    "one member more": with_line(x="y"),
    "numbers": BEGUN + b'{"protected":1,"payload":2,"signature":3}\n',
    "spelled otherwise": BEGUN + lines(FIRST)[1].replace(b":", b": "),
    "another payload": with_line(payload=base64.urlsafe_b64encode(b"{}").decode().rstrip("=")),
    "another signature": with_line(signature=suite.encode(bytes(64))),
    "no signature": with_line(signature=""),
    "signed as something else": FIRST
    + jws.sign_line(KEY, "assent/manifest/v2", document.write({"type": feeds.RECALL})),
    "another export": signed(export="A" * 22),
    "a sequence too high": signed(sequence=3),
    "a sequence too low": signed(sequence=1),
    "another before it": signed(previous=suite.encode(bytes(32))),
    "a meeting again": signed(meeting=MEETINGS[0]),
    "no meeting": signed(meeting="../.."),
    "another reason": signed(reason="x"),
    "one field more": signed(more=1),
    "a line without end": BEGUN + b'{"protected":"' + b"A" * 5000 + b'"}\n',
}


@pytest.mark.parametrize("how", BROKEN)
def test_nothing_else_is_a_feed(how: str) -> None:
    assert code(BROKEN[how]) == "feed-broken"


def test_what_is_changed_by_hand_would_be_good_otherwise() -> None:
    assert code(signed()) is None
    assert code(with_line()) is None


def test_every_changed_byte_is_noticed() -> None:
    body = bytearray(FIRST)
    for at in range(len(body)):
        body[at] ^= 1
        try:
            feed = feeds.parse(bytes(body))
            # What still hangs together is not of the vault then.
            feeds.check(feed, EXPORT, MANIFEST, [VAULT])
        except FeedError:
            pass
        else:
            raise AssertionError(at)
        body[at] ^= 1


def test_whose_and_of_what_it_is() -> None:
    feed = feeds.parse(BOTH)
    feeds.check(feed, EXPORT, MANIFEST, [VAULT])
    for export, manifest, keys, expected in (
        (EXPORT, MANIFEST, [suite.sign_public(OTHER)], "feed-signed-by-another"),
        (EXPORT, MANIFEST, [], "feed-signed-by-another"),
        ("A" * 22, MANIFEST, [VAULT], "feed-of-another"),
        (EXPORT, bytes(32), [VAULT], "feed-of-another"),
    ):
        with pytest.raises(FeedError) as caught:
            feeds.check(feed, export, manifest, keys)
        assert caught.value.code == expected


def test_one_line_of_another_is_enough() -> None:
    """And a vault that has taken over goes on with it, where its key is known, too."""
    feed = feeds.parse(signed(OTHER))
    with pytest.raises(FeedError, match="feed-signed-by-another"):
        feeds.check(feed, EXPORT, MANIFEST, [VAULT])
    feeds.check(feed, EXPORT, MANIFEST, [VAULT, suite.sign_public(OTHER)])


def test_it_only_grows() -> None:
    forked = recalling(BEGUN, MEETINGS[1])
    for new, seen, expected in (
        (BOTH, FIRST, None),
        (FIRST, FIRST, None),
        (FIRST, BOTH, "feed-old"),
        (BEGUN, FIRST, "feed-old"),
        (forked, FIRST, "feed-forked"),
        (forked, BOTH, "feed-forked"),
        (feeds.begin(KEY, EXPORT, MANIFEST, AT + 5), BEGUN, "feed-forked"),
    ):
        assert compared(new, seen) == expected


def compared(new: bytes, seen: bytes) -> str | None:
    try:
        feeds.must_extend(feeds.parse(new), feeds.parse(seen))
    except FeedError as error:
        return error.code
    return None


VECTORS = json.loads((Path(__file__).parents[2] / "vectors/recalls.json").read_bytes())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_vector(case: dict[str, Any]) -> None:
    """The browser reads the same."""
    body = "\n".join((VECTORS["opening"], case["line"], "")).encode()
    try:
        feed = feeds.parse(body)
        feeds.check(
            feed,
            VECTORS["export"],
            suite.decode(VECTORS["manifest"]),
            [suite.decode(key) for key in VECTORS["vaults"]],
        )
    except FeedError:
        assert not case["valid"]
        return
    said = [(each.meeting, each.at) for each in feed.recalls]
    assert (said == [(VECTORS["meeting"], VECTORS["at"])]) is case["valid"]
