"""What keeps strangers from using up what others need, and rows from becoming paths."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_WEB = "server/assent/web/"
_MEETING = "server/assent/meeting/"
_LISTENING = "server/assent/listening.py"
_CROWDS = "assent/meeting/test_newcomers.py::"
_SIGNING_IN = "assent/web/test_auth.py::"
_SHUT = "assent/web/test_resets.py::"

STRANGERS: Final[dict[str, tuple[Removal, ...]]] = {
    "connections that ask nothing": (
        Removal(
            "connections of one client are counted",
            (
                Change(
                    _LISTENING,
                    "        if client is not None and self._each[client] >= self.most_each:\n",
                    "        if client is None and self._each[client] >= self.most_each:\n",
                ),
            ),
            (
                "assent/test_listening.py::test_one_client_takes_from_itself",
                "assent/test_listening.py::"
                "test_somebody_else_is_served_and_what_is_answered_goes_on",
            ),
        ),
        Removal(
            "part of the descriptors is kept back",
            (
                Change(
                    "server/assent/descriptors.py",
                    "    left = limit() - RESERVE - limit() // 8 - _open()\n",
                    "    left = limit()\n",
                ),
            ),
            (
                "assent/test_descriptors.py::test_what_is_kept_back_is_no_connections",
                "end_to_end/test_strangers.py::test_idle_connections_take_nothing_from_a_recording",
            ),
        ),
    ),
    "sockets and enrolments without end": (
        Removal(
            "who has enrolled too often is counted on, though the meeting was let go",
            (
                Change(
                    f"{_MEETING}admission.py",
                    "        self._pace = services.pace\n",
                    "        self._pace = type(services.pace)()\n",
                ),
            ),
            (f"{_CROWDS}test_a_meeting_that_is_let_go_begins_no_new_count[sqlite]",),
        ),
        Removal(
            "whoever has most makes room",
            (
                Change(
                    f"{_MEETING}newcomers.py",
                    "        crowd = [one for one in outside if one.client == heaviest]\n",
                    "        crowd = [one for one in outside[:0] if one.client == heaviest]\n",
                ),
            ),
            (f"{_CROWDS}test_sockets_at_the_door_keep_nobody_out",),
        ),
        Removal(
            "those let in are counted, and not those who enrolled",
            (
                Change(
                    f"{_MEETING}participant_store.py",
                    "                        ParticipantRow.admitted_at.is_not(None),\n"
                    "                    )\n"
                    "                )\n"
                    "                if (count",
                    "                    )\n                )\n                if (count",
                ),
            ),
            (f"{_CROWDS}test_enrolments_that_nobody_lets_in_keep_nobody_out",),
        ),
        Removal(
            "the host comes in beyond the others",
            (
                Change(
                    f"{_MEETING}admission.py",
                    "            most, ever = most + HOST_PLACES, ever + HOST_PLACES\n",
                    "            pass\n",
                ),
            ),
            (f"{_CROWDS}test_a_full_room_has_a_place_for_the_host",),
        ),
        Removal(
            "who was never let in is forgotten",
            (
                Change(
                    f"{_MEETING}registry.py",
                    "        for meeting, people in "
                    "(await self._store.participants.unused(now, FORGET_MOST)).items():\n",
                    "        for meeting, people in dict[str, list[str]]().items():\n",
                ),
            ),
            (f"{_CROWDS}test_who_was_never_let_in_is_forgotten_after_a_day",),
        ),
        Removal(
            "where no worker takes rows away, no more come",
            (
                Change(
                    f"{_MEETING}admission.py",
                    "        await self._store.must_have_room(seat)\n",
                    "",
                ),
            ),
            (f"{_CROWDS}test_rows_are_bounded_where_no_worker_runs",),
        ),
        Removal(
            "of whom the log says that they were let in the worker takes nothing away",
            (
                Change(
                    "storage/assent_vault/worker/strangers.py",
                    "frozenset(still) - await load_everyone(session, meeting_id)",
                    "frozenset(still)",
                ),
            ),
            (
                "assent_vault/worker/test_strangers.py::"
                "test_nobody_who_was_let_in_goes_whatever_the_rows_say",
            ),
        ),
        Removal(
            "the rows of whom the server has forgotten go",
            (
                Change(
                    "storage/assent_vault/worker/strangers.py",
                    "    for table in (StatementRow, ParticipantRow):\n",
                    "    for table in (StatementRow, ParticipantRow)[:0]:\n",
                ),
            ),
            ("assent_vault/store/test_roles.py::test_a_flood_at_the_door_under_two_roles",),
        ),
    ),
    "guessing passwords": (
        Removal(
            "browsers that were signed in before are counted apart",
            (
                Change(
                    f"{_WEB}auth.py",
                    "    known = found is not None and _is_known(request, found[0])\n",
                    "    known = False\n",
                ),
            ),
            (f"{_SIGNING_IN}test_ones_own_browser_is_never_locked_out_by_others",),
        ),
        Removal(
            "failures are counted by client and login",
            (
                Change(
                    f"{_WEB}auth.py",
                    '    return f"{request[ADDRESS_KEY]} {login}"\n',
                    "    return login\n",
                ),
            ),
            (f"{_SIGNING_IN}test_whoever_guesses_keeps_nobody_out_but_themselves",),
        ),
        Removal(
            "the cookie of a known browser has a tag",
            (
                Change(
                    f"{_WEB}known_browsers.py",
                    "        if hmac.compare_digest(token, _token(key, account, number)):\n",
                    "        if key:\n",
                ),
            ),
            (
                f"{_SIGNING_IN}"
                "test_the_cookie_of_a_known_browser_signs_nobody_in_and_cannot_be_made",
            ),
        ),
        Removal(
            "passwords that few guesses find are refused",
            (
                Change(
                    f"{_WEB}passwords.py",
                    "    if guesses(words) < MIN_GUESSES:\n",
                    "    if guesses(words) < 1:\n",
                ),
            ),
            ("assent/web/test_passwords.py::test_those_that_are_tried_first_are_refused",),
        ),
    ),
    "an account that was disabled": (
        Removal(
            "its meetings end",
            (
                Change(
                    f"{_WEB}resets.py",
                    "        await parts.hall.disable(account_id)\n",
                    "        pass\n",
                ),
            ),
            (f"{_SHUT}test_meetings_of_who_is_shut_out_end_or_stay_closed",),
        ),
        Removal(
            "the account is looked at where somebody is let in",
            (
                Change(
                    f"{_MEETING}participant_store.py",
                    "            row = await locked_running(session, meeting)\n"
                    "            await must_be_open(session, row)\n",
                    "            row = await locked_running(session, meeting)\n",
                ),
            ),
            (f"{_SHUT}test_a_host_who_comes_in_at_that_moment_does_not",),
        ),
        Removal(
            "links made before end for good",
            (
                Change(
                    f"{_WEB}resets.py",
                    "    if until - RESET_MS < links_from:\n",
                    "    if until < 0:\n",
                ),
            ),
            (f"{_SHUT}test_a_link_made_before_is_good_no_more_when_one_is_let_in_again",),
        ),
    ),
    "a row that says it is a path": (
        Removal(
            "an export's place is decided from what its id decodes to",
            (
                Change(
                    "storage/assent_vault/export/place.py",
                    '        suite.decode(export_id, _ID_BYTES, field="export")\n',
                    "        str(export_id)\n",
                ),
            ),
            ("assent_vault/test_rows.py::test_an_export_lies_where_its_id_says_or_nowhere",),
        ),
        Removal(
            "names of objects are made of what a meeting's id decodes to",
            (
                Change(
                    "storage/assent_vault/formats/objects.py",
                    '    suite.decode(meeting_id, suite.MEETING_BYTES, field="meeting")\n',
                    "",
                ),
            ),
            ("assent_vault/formats/test_objects.py::test_what_is_no_meeting_gives_no_name",),
        ),
    ),
}
