"""Watch sessions: each good for its own, for a while, and no more of them than there may be."""

from __future__ import annotations

import pytest

from assent.errors import NotWatching
from assent.meeting.watch_sessions import LIFETIME, WatchSessions
from assent_vault.formats.suite import encode
from support.clock import ManualClock


def test_a_token_gives_what_it_was_made_for() -> None:
    sessions = WatchSessions(ManualClock())
    token = sessions.open("meeting", "person", frozenset({1, 3}))
    found = sessions.find(encode(token))
    assert (found.meeting, found.person, found.generations) == ("meeting", "person", {1, 3})


@pytest.mark.parametrize("token", ["", "A", "=", "A" * 43, "A" * 4000, "ä"])
def test_another_token_gives_nothing(token: str) -> None:
    sessions = WatchSessions(ManualClock())
    sessions.open("meeting", "person", frozenset())
    with pytest.raises(NotWatching):
        sessions.find(token)


def test_a_session_ends_by_itself() -> None:
    clock = ManualClock()
    sessions = WatchSessions(clock)
    token = encode(sessions.open("meeting", "person", frozenset()))
    clock.pass_(LIFETIME - 1)
    sessions.find(token)
    clock.pass_(1)
    with pytest.raises(NotWatching):
        sessions.find(token)
    sessions.open("meeting", "another", frozenset())
    assert len(sessions) == 1, "and is forgotten"


def test_of_one_person_there_are_so_many_and_others_are_left_alone() -> None:
    sessions = WatchSessions(ManualClock(), most_each=2)
    other = encode(sessions.open("meeting", "other", frozenset()))
    tokens = [encode(sessions.open("meeting", "person", frozenset())) for _ in range(3)]
    for token in (other, *tokens[1:]):
        sessions.find(token)
    with pytest.raises(NotWatching):
        sessions.find(tokens[0])


def test_there_are_so_many_in_all() -> None:
    sessions = WatchSessions(ManualClock(), most=3)
    tokens = [encode(sessions.open("meeting", str(n), frozenset())) for n in range(5)]
    assert len(sessions) == 3
    for token in tokens[2:]:
        sessions.find(token)


def test_no_token_is_kept() -> None:
    sessions = WatchSessions(ManualClock())
    token = sessions.open("meeting", "person", frozenset())
    assert token not in repr(sessions._sessions).encode()
    assert token not in sessions._sessions
