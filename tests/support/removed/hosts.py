"""What keeps whoever has no host's key from beginning a recording, and letting people in."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_COURSE = "storage/assent_vault/ledger/host_course.py"
_HOSTING = "server/assent/meeting/hosting.py"
_PAGE_COURSE = "client-web/src/meeting/host-course.ts"

_DOUBTS = "client-web/src/meeting/host-doubts.ts"
_SHOWN = 'client-web/tests/meeting/hosting.test.ts "what a page is shown of hosts"'
_UNSIGNED = 'client-web/tests/meeting/hosting.test.ts "what no host has signed"'
_TAKES = 'client-web/tests/meeting/host-course.test.ts "acts that a page is shown"'
_NEXT = "assent_vault/ledger/test_host_course.py::test_a_server_takes_each_act_after_the_one_before"
_TESTS = "assent/meeting/test_hosting.py::"

HOSTS: Final[dict[str, tuple[Removal, ...]]] = {
    "a recording that is begun": (
        Removal(
            "a host has a certificate",
            (
                Change(
                    _COURSE,
                    "        return person in self.hosts and person not in self.removed\n",
                    "        return person not in self.removed\n",
                ),
            ),
            (_NEXT, f"{_TESTS}test_nothing_is_recorded_but_by_a_signed_act[sqlite]"),
        ),
        Removal(
            "an act is the next one",
            (
                Change(
                    _COURSE,
                    "        if act.sequence != self.sequence + 1:\n",
                    "        if act.sequence < self.sequence:\n",
                ),
            ),
            (_NEXT,),
        ),
        Removal(
            "an act is signed by whoever sends it",
            (
                Change(
                    "storage/assent_vault/formats/host_acts.py",
                    "    suite.verify(enrolment.sign, act.TYPE, body, signature)\n",
                    "",
                ),
            ),
            (f"{_TESTS}test_what_is_not_signed_as_it_must_be_is_refused[sqlite]",),
        ),
        Removal(
            "who is let in has signed the enrolment that the act names",
            (
                Change(
                    _HOSTING,
                    "                if waiting.enrolment.digest != enrolment:\n",
                    '                if waiting.enrolment.digest == b"":\n',
                ),
            ),
            (f"{_TESTS}test_people_in_every_state[sqlite]",),
        ),
        Removal(
            "what stops the recording holds against what was on its way before it",
            (
                Change(
                    "server/assent/meeting/hosting.py",
                    "                case Arming():\n",
                    "                case Arming(recording=True):\n",
                ),
            ),
            (f"{_TESTS}test_a_stop_that_overtakes_what_it_stops_holds[sqlite]",),
        ),
        Removal(
            "after a restart a column arms nothing",
            (
                Change(
                    "server/assent/meeting/live.py",
                    "        if row.armed and charter.recording and live.hosting.course.armed:\n",
                    "        if row.armed and charter.recording:\n",
                ),
            ),
            (f"{_TESTS}test_a_column_alone_arms_nothing[sqlite]",),
        ),
        Removal(
            "a page takes acts of hosts alone",
            (
                Change(
                    _PAGE_COURSE,
                    "  return course.hosts.has(person) && !course.removed.has(person);\n",
                    '  return person !== "" || course.removed.has(person);\n',
                ),
            ),
            (_TAKES,),
        ),
        Removal(
            "a page never goes back",
            (
                Change(
                    _PAGE_COURSE,
                    "  if (act.sequence <= course.sequence) {\n",
                    "  if (act.sequence < 0) {\n",
                ),
            ),
            (_TAKES, _SHOWN),
        ),
        Removal(
            "a page believes a certificate by the host key of its room",
            (
                Change(
                    "client-web/src/crypto/host-certificate.ts",
                    "  await verify(room.host, HOST_TYPE, body, signature);\n",
                    "  await Promise.resolve(signature);\n",
                ),
            ),
            (_SHOWN,),
        ),
        Removal(
            "a page says where it is recorded and no host has signed it",
            (
                Change(
                    _DOUBTS,
                    '(room.armed || room.capture !== "off") && !course.armed',
                    "room.armed && course.armed && !course.armed",
                ),
            ),
            (_UNSIGNED,),
        ),
    ),
}
