"""The headers themselves; that every answer has them is in test_routes."""

from __future__ import annotations

from assent.config import Settings
from assent.web.headers import content_security_policy, security_headers

PROXIED = {
    "ASSENT_PUBLIC_URL": "https://meet.example.org",
    "ASSENT_TRUSTED_PROXIES": "127.0.0.1",
    "ASSENT_OPERATOR_NAME": "N",
    "ASSENT_OPERATOR_CONTACT": "C",
}


def directives(policy: str) -> dict[str, str]:
    return {name: value for name, _, value in (part.partition(" ") for part in policy.split("; "))}


def test_nothing_is_allowed_that_is_not_named() -> None:
    policy = directives(content_security_policy("http://localhost:8080"))
    assert policy["default-src"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"


def test_no_code_is_inline_or_from_elsewhere() -> None:
    policy = directives(content_security_policy("http://localhost:8080"))
    assert policy["script-src"] == policy["style-src"] == policy["font-src"] == "'self'"
    for value in policy.values():
        for word in ("unsafe", "*", "https:", "http:"):
            assert word not in value


def test_the_socket_is_named_for_browsers_that_need_it() -> None:
    plain = directives(content_security_policy("http://localhost:8080"))
    assert plain["connect-src"] == "'self' ws://localhost:8080"
    secure = directives(content_security_policy("https://meet.example.org"))
    assert secure["connect-src"] == "'self' wss://meet.example.org"


def test_only_https_is_remembered() -> None:
    assert "Strict-Transport-Security" not in security_headers(Settings.load(None, {}))
    secure = security_headers(Settings.load(None, PROXIED))
    assert secure["Strict-Transport-Security"] == "max-age=31536000"


def test_cameras_are_for_our_own_pages() -> None:
    headers = security_headers(Settings.load(None, {}))
    for feature in ("camera", "microphone", "display-capture"):
        assert f"{feature}=(self)" in headers["Permissions-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
