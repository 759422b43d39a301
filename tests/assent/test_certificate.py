"""What is said of a certificate, by its times and its names."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent import certificate as certificates
from assent.certificate import DAY, Certificate, explain, read
from support.certificates import write_certificate

NOW = 1_800_000_000


def made(**changes: object) -> Certificate:
    given = {
        "not_before": NOW - DAY,
        "not_after": NOW + 60 * DAY,
        "names": ("meet.example.org", "*.example.net"),
        "addresses": ("203.0.113.7", "2001:db8::1"),
    }
    return Certificate(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ()),
        ({"not_after": NOW + 30 * DAY + 1}, ()),
        ({"not_after": NOW + 30 * DAY}, ("certificate-expires-soon",)),
        ({"not_after": NOW + 7 * DAY + 1}, ("certificate-expires-soon",)),
        ({"not_after": NOW + 7 * DAY}, ("certificate-expires-very-soon",)),
        ({"not_after": NOW + 1}, ("certificate-expires-very-soon",)),
        ({"not_after": NOW}, ("certificate-expired",)),
        ({"not_before": NOW}, ()),
        ({"not_before": NOW + 1}, ("certificate-not-yet-valid",)),
        ({"names": ()}, ("certificate-wrong-name",)),
        ({"not_after": NOW, "names": ()}, ("certificate-expired", "certificate-wrong-name")),
    ],
)
def test_what_is_wrong_with_it(changes: dict[str, object], expected: tuple[str, ...]) -> None:
    certificate = made(**changes)
    assert certificate.found("meet.example.org", NOW) == expected
    for code in expected:
        assert explain(code, certificate, "meet.example.org", NOW).startswith("tls_certificate ")


@pytest.mark.parametrize(
    ("host", "is_of"),
    [
        ("meet.example.org", True),
        ("MEET.example.org", True),
        ("meet.example.org.", True),
        ("example.org", False),
        ("a.meet.example.org", False),
        ("a.example.net", True),
        ("example.net", False),
        ("a.b.example.net", False),
        ("203.0.113.7", True),
        ("203.0.113.8", False),
        ("2001:0db8:0:0::1", True),
    ],
)
def test_whose_it_is(host: str, is_of: bool) -> None:
    assert made().is_of(host) is is_of


def test_a_wildcard_is_not_of_a_whole_top_level() -> None:
    assert not made(names=("*.org",)).is_of("example.org")


def test_it_is_read_from_a_file(tmp_path: Path) -> None:
    path, key = write_certificate(tmp_path, hosts=("Meet.Example.org",))
    found = read(path)
    assert found.names == ("meet.example.org",)
    assert found.addresses == ("127.0.0.1",)
    assert found.not_after - found.not_before == 31 * DAY
    with pytest.raises(ValueError):
        read(key)


def test_every_code_that_browsers_refuse_is_an_error() -> None:
    assert certificates.OUT_OF_TIME < certificates.ERRORS
    assert certificates.EXPIRES_SOON not in certificates.ERRORS
