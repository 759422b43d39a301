"""What keeps one person's values from being the measure of what is done and kept for them."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_MEDIA = "server/assent/media/"
_RECORDING = "server/assent/recording/"


def _insider(kind: str) -> tuple[str, ...]:
    test = "assent/media/test_insider.py::test_whatever_is_said_costs_no_more_and_keeps_no_more"
    return (f"{test}[{kind}]",)


_OWN = "server/assent/web/own_words.py"
_ADDED = "assent/web/test_own_words.py::"

INSIDERS: Final[dict[str, tuple[Removal, ...]]] = {
    "hostile values in well-formed packets": (
        Removal(
            "what RTCP speaks of is counted before it is read",
            (
                Change(
                    f"{_MEDIA}transport/connection.py",
                    "        if not self._told.spend(rtcp.weigh(packet), now):\n",
                    "        if rtcp.weigh(packet) < 0:\n",
                ),
            ),
            _insider("all_lost"),
        ),
        Removal(
            "arrivals are forgotten by our own clock, whatever the receiver's says",
            (
                Change(
                    f"{_MEDIA}congestion/bandwidth.py",
                    "                and now - told <= REMEMBERED\n",
                    "",
                ),
            ),
            (
                "assent/media/congestion/test_bandwidth.py"
                "::test_what_is_kept_of_arrivals_is_bounded_by_our_own_clock",
            ),
        ),
        Removal(
            "feedback on numbers that lie far apart is bounded",
            (
                Change(
                    f"{_MEDIA}rtp/twcc.py",
                    "        while self._pending and len(written) < MAX_FEEDBACKS:\n",
                    "        while self._pending:\n",
                ),
            ),
            _insider("transport_numbers"),
        ),
        Removal(
            "an extension as long as a packet is not walked",
            (
                Change(
                    f"{_MEDIA}rtp/rtp.py",
                    "    if words > MAX_EXTENSION // 4:\n",
                    "    if words < 0:\n",
                ),
            ),
            _insider("long_extensions"),
        ),
        Removal(
            "of a check that names nobody few attributes are looked at",
            (
                Change(
                    f"{_MEDIA}transport/ice.py",
                    "    for _ in range(MAX_ATTRIBUTES):\n",
                    "    for _ in range(MAX_MESSAGE):\n",
                ),
            ),
            _insider("attributes"),
        ),
        Removal(
            "sender reports are passed on so often, and no more often",
            (
                Change(
                    f"{_MEDIA}forward/stream.py",
                    "        if now - self._reported_at < REPORT_EVERY:\n",
                    "        if now < 0:\n",
                ),
            ),
            _insider("sender_reports"),
        ),
        Removal(
            "gap after gap is not asked for for ever",
            (
                Change(
                    f"{_MEDIA}rtp/reception.py",
                    " or not self._skipped.spend(end - first, now):\n",
                    ":\n",
                ),
            ),
            _insider("gap_after_gap"),
        ),
        Removal(
            "a frame is not gathered in any number of pieces",
            (
                Change(
                    f"{_RECORDING}vp8.py",
                    " or len(self._parts) > MAX_PARTS:\n",
                    ":\n",
                ),
            ),
            (
                "assent/recording/test_vp8.py"
                "::test_a_frame_in_single_bytes_is_not_gathered_for_ever",
            ),
        ),
        Removal(
            "new connections of one person push out no other's clock",
            (
                Change(
                    f"{_RECORDING}clocks.py",
                    "            if len(mine) > MOST_EACH:\n",
                    "            if len(mine) > MOST:\n",
                ),
            ),
            (
                "assent/recording/test_clocks.py"
                "::test_who_connects_again_and_again_pushes_out_nobody_else",
            ),
        ),
        Removal(
            "a person who connects anew goes on under the same number",
            (
                Change(
                    f"{_MEDIA}processes/tap_channel.py",
                    "        if former is not None:\n",
                    "        if former is track:\n",
                ),
            ),
            (
                "assent/media/processes/test_tap_channel.py"
                "::test_who_connects_again_and_again_does_not_end_the_tap",
            ),
        ),
    ),
    "connections and descriptions by the hundred": (
        Removal(
            "links are counted for the connection that they are proved for",
            (
                Change(
                    f"{_MEDIA}transport/tcp.py",
                    "        if len(mine) >= MAX_EACH:\n",
                    "        if len(mine) >= MAX_LINKS:\n",
                ),
            ),
            ("assent/media/transport/test_tcp.py::test_two_connections_cannot_take_every_place",),
        ),
        Removal(
            "what a description says of one codec is bounded",
            (
                Change(
                    f"{_MEDIA}sdp/sdp.py",
                    "            if len(codec.feedback) > MAX_PARAMETERS:\n",
                    "            if not codec.feedback:\n",
                ),
            ),
            ("assent/media/sdp/test_sdp.py::test_what_is_said_of_a_codec_is_bounded",),
        ),
        Removal(
            "each person may ask for so much, by our own clock",
            (
                Change(
                    "server/assent/meeting/allowance.py",
                    "        if left.units < units:\n",
                    "        if units < 0:\n",
                ),
            ),
            ("assent/meeting/test_allowance.py::test_fifty_a_second_are_too_many",),
        ),
    ),
    "words that an administrator adds": (
        Removal(
            "no heading ends the section that says whose words they are",
            (Change(_OWN, '        return "heading"\n', "        pass\n"),),
            (f"{_ADDED}test_what_cannot_stand_there_is_named",),
        ),
        Removal(
            "no line across does",
            (Change(_OWN, '        return "rule"\n', "        pass\n"),),
            (f"{_ADDED}test_what_cannot_stand_there_is_named",),
        ),
        Removal(
            "they are there in every language or in none",
            (
                Change(
                    _OWN,
                    '                raise BadNotice("empty", field=language)\n',
                    "                pass\n",
                ),
            ),
            (f"{_ADDED}test_nobody_is_told_less_for_their_language",),
        ),
        Removal(
            "what is published is the version that was seen",
            (
                Change(
                    "server/assent/web/notices.py",
                    "                raise NoticeOutdated\n",
                    "                pass\n",
                ),
            ),
            (f"{_ADDED}test_what_was_seen_is_what_is_published",),
        ),
    ),
}
