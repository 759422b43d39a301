"""Settings: every key, every mistake, all at once."""

from __future__ import annotations

import dataclasses
import ssl
from pathlib import Path

import pytest

from assent import config
from assent.config import Settings
from assent.errors import ConfigError
from assent_vault.config import SHARED_KEYS, VaultSettings
from assent_vault.given import SERVER_KEYS
from support.certificates import write_certificate


def load(toml: str = "", tmp_path: Path | None = None, /, **environ: str) -> Settings:
    variables = {f"ASSENT_{key.upper()}": value for key, value in environ.items()}
    if tmp_path is None:
        return Settings.load(None, variables)
    path = tmp_path / "assent.toml"
    path.write_text(toml)
    return Settings.load(path, variables)


def mistakes(toml: str = "", tmp_path: Path | None = None, /, **environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(toml, tmp_path, **environ)
    return caught.value.mistakes


def test_no_settings_at_all_are_in_order() -> None:
    settings = load()
    assert settings.public_url == "http://localhost:8080"
    assert settings.listen_host == "127.0.0.1"
    assert settings.vault.data_dir == Path("data")
    assert settings.tls() is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    settings = load("listen_port = 1000\nretention_days = 5\n", tmp_path, listen_port="2000")
    assert (settings.listen_port, settings.retention_days) == (2000, 5)


def test_both_ways_give_the_same(tmp_path: Path) -> None:
    toml = """
        listen_host = "0.0.0.0"
        listen_port = 8443
        public_url = "https://meet.example.org"
        trusted_proxies = ["10.0.0.0/8", "192.0.2.1"]
        media_host = "::"
        media_port = 0
        media_addresses = ["203.0.113.7", "2001:db8::1"]
        operator_name = "Example Society"
        operator_contact = "mail@example.org"
        show_names = true
        max_participants = 10
        max_people_per_meeting = 20
        grace_seconds = 3
        retention_days = 7
        cooling_off_seconds = 60
        worker = "external"
        log_level = "debug"
        log_format = "json"
    """
    environment = load(
        listen_host="0.0.0.0",
        listen_port="8443",
        public_url="https://meet.example.org",
        trusted_proxies="10.0.0.0/8, 192.0.2.1",
        media_host="::",
        media_port="0",
        media_addresses="203.0.113.7,2001:db8::1",
        operator_name="Example Society",
        operator_contact="mail@example.org",
        show_names="true",
        max_participants="10",
        max_people_per_meeting="20",
        grace_seconds="3",
        retention_days="7",
        cooling_off_seconds="60",
        worker="external",
        log_level="debug",
        log_format="json",
    )
    assert load(toml, tmp_path) == environment
    assert environment.show_names is True
    assert environment.vault.cooling_off_seconds == 60


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("listen_host", "nowhere.example", "IP address"),
        ("listen_port", "0", "from 1 to 65535"),
        ("listen_port", "65536", "from 1 to 65535"),
        ("listen_port", "eighty", "whole number"),
        ("listen_port", "8" * 5000, "from 1 to 65535"),
        ("public_url", "meet.example.org", "must be a URL"),
        ("public_url", "https://", "must be a URL"),
        ("public_url", "ftp://localhost", "must be a URL"),
        ("public_url", "https://me:secret@example.org", "user name or password"),
        ("public_url", "http://localhost/assent", "without a path"),
        ("public_url", "http://localhost?x", "without a path"),
        ("public_url", "http://localhost:0", "port 0"),
        ("public_url", "http://localhost:99999", "must be a URL"),
        ("public_url", "http://local host", "valid name"),
        ("public_url", "http://exa_mple.org/", "valid name"),
        ("tls_certificate", "/does/not/exist.pem", "cannot be read"),
        ("tls_key", "/does/not/exist.key", "cannot be read"),
        ("trusted_proxies", "10.0.0.1,proxy", "addresses or networks"),
        ("trusted_proxies", "10.0.0.1/8", "addresses or networks"),
        ("trusted_proxies", "0.0.0.0/0", "trusts everybody"),
        ("media_host", "", "1 to 255"),
        ("media_port", "-1", "whole number"),
        ("media_addresses", "example.org", "IP addresses"),
        ("media_addresses", "0.0.0.0", "people can reach"),
        ("turn_urls", "stun:relay.example.org", "URIs like turn"),
        ("turn_urls", "turn:relay.example.org:99999", "URIs like turn"),
        ("turn_urls", "turn:me@relay.example.org", "URIs like turn"),
        ("turn_urls", "turn:relay.example.org?transport=tls", "URIs like turn"),
        ("turn_urls", ",".join(f"turn:relay{n}.example.org" for n in range(9)), "eight"),
        ("turn_secret", "short", "32 to 500"),
        ("media_tcp", "perhaps", "true or false"),
        ("operator_name", "  ", "1 to 200"),
        ("operator_name", "one\ntwo", "single line"),
        ("operator_contact", "x" * 501, "1 to 500"),
        ("notice_dir", "/does/not/exist", "existing folder"),
        ("show_names", "yes", "true or false"),
        ("max_participants", "0", "from 1 to 500"),
        ("max_people_per_meeting", "501", "from 1 to 500"),
        ("grace_seconds", "301", "from 1 to 300"),
        ("retention_days", "0", "from 1 to"),
        ("worker", "both", "embedded, external"),
        ("log_level", "loud", "debug, info"),
        ("log_format", "xml", "auto, json"),
    ],
)
def test_a_wrong_value_is_named(key: str, value: str, complaint: str) -> None:
    found = mistakes(**{key: value})
    assert any(line.startswith(f"{key} ") and complaint in line for line in found), found


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ("listen_port = true", "listen_port"),
        ("listen_port = 1.5", "listen_port"),
        ("show_names = 1", "show_names"),
        ("media_addresses = [1]", "media_addresses"),
        ("operator_name = 7", "operator_name"),
        ("worker = []", "worker"),
    ],
)
def test_a_wrong_type_is_named(tmp_path: Path, toml: str, key: str) -> None:
    assert any(line.startswith(f"{key} ") for line in mistakes(toml, tmp_path))


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    found = mistakes(
        'listen_prot = 1\ncooling_off_seconds = -1\npublic_url = "http://meet.example.org"\n',
        tmp_path,
        media_port="x",
        grace_secs="1",
        tls_key="/nowhere",
        max_participants="300",
    )
    expected = [
        "listen_prot is not a setting",
        "cooling_off_seconds",
        "public_url",
        "media_port",
        "ASSENT_GRACE_SECS in the environment is not a setting",
        "tls_key cannot be read",
        "max_people_per_meeting",
        "operator_name must be set",
        "operator_contact must be set",
    ]
    for start in expected:
        assert any(line.startswith(start) for line in found), (start, found)
    assert len(found) == len(expected)


def test_variables_that_are_not_ours_are_left_alone() -> None:
    Settings.load(None, {"PATH": "/bin", "ASSENT_CONFIG": "x", "ASSENT_TEST_POSTGRES": "/x"})


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("http://LOCALHOST:80/", "http://localhost"),
        ("https://Meet.Example.org:443", "https://meet.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("http://meet.localhost:9000", "http://meet.localhost:9000"),
    ],
)
def test_the_public_url_is_written_as_browsers_write_an_origin(given: str, origin: str) -> None:
    more = {}
    if given.startswith("https"):
        more = {"trusted_proxies": "10.0.0.1", "operator_name": "N", "operator_contact": "C"}
    assert load(public_url=given, **more).origin == origin


def test_without_a_public_url_it_follows_the_port(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    assert load(listen_port="9000").public_url == "http://localhost:9000"
    assert load(listen_port="80").public_url == "http://localhost"
    tls = load(listen_port="443", tls_certificate=str(certificate), tls_key=str(key))
    assert tls.public_url == "https://localhost"


def test_plain_http_is_for_this_machine_only() -> None:
    found = mistakes(public_url="http://192.168.1.5:8080", operator_name="N", operator_contact="C")
    assert len(found) == 1
    assert "cameras and microphones" in found[0]


def test_https_needs_somebody_to_terminate_it() -> None:
    more = {"operator_name": "N", "operator_contact": "C"}
    found = mistakes(public_url="https://example.org", **more)
    assert len(found) == 1
    assert "nothing terminates TLS" in found[0]
    load(public_url="https://example.org", trusted_proxies="127.0.0.1", **more)


def test_tls_of_ones_own(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    settings = load(
        public_url="https://localhost:8443", tls_certificate=str(certificate), tls_key=str(key)
    )
    context = settings.tls()
    assert isinstance(context, ssl.SSLContext)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_certificate_and_key_must_belong_together(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    _, other = write_certificate(tmp_path, "other")
    _, locked = write_certificate(tmp_path, "locked", password=b"secret")
    junk = tmp_path / "junk"
    junk.write_text("not a key")

    def complaint(certificate: Path | None, key: Path | None) -> str:
        given = {"tls_certificate": certificate, "tls_key": key}
        [found] = mistakes(**{name: str(path) for name, path in given.items() if path})
        return found

    assert "do not belong together" in complaint(certificate, other)
    assert "encrypted" in complaint(certificate, locked)
    assert "PEM" in complaint(certificate, junk)
    assert "PEM" in complaint(junk, key)
    assert complaint(certificate, None).startswith("tls_key must be set")
    assert complaint(None, key).startswith("tls_certificate must be set")


def test_tls_and_a_plain_url_contradict_each_other(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    [found] = mistakes(
        public_url="http://localhost:8080", tls_certificate=str(certificate), tls_key=str(key)
    )
    assert "https://" in found


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        Settings.load(tmp_path / "missing.toml", {})
    for content in (b"a = ", b"\xff\xfe", b"x = 1\nx = 2"):
        path = tmp_path / "broken.toml"
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="not TOML"):
            Settings.load(path, {})
    path.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="over 1 MiB"):
        Settings.load(path, {})


def test_what_is_shown_of_settings_holds_no_password() -> None:
    settings = load(database_url="postgresql://assent:hunter2@db/assent")
    assert "hunter2" not in repr(settings)


def test_no_mistake_repeats_a_password() -> None:
    found = mistakes(
        public_url="https://me:hunter2@example.org",
        database_url="hunter2://x",
        worker="hunter2",
        operator_name="hunter2" * 100,
    )
    assert "hunter2" not in "\n".join(found)


def test_every_key_is_documented() -> None:
    text = config.describe()
    for item in (*dataclasses.fields(Settings), *dataclasses.fields(VaultSettings)):
        if item.name != "vault":
            assert f"\n{item.name}" in f"\n{text}", item.name


def test_the_vault_knows_the_keys_of_the_server() -> None:
    """It refuses those that nobody knows, and must not import this package to know them."""
    own = {item.name for item in dataclasses.fields(Settings)} - {"vault"}
    assert own - SHARED_KEYS == SERVER_KEYS, "add what is new to SERVER_KEYS of assent_vault.given"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load().listen_port = 1  # type: ignore[misc]


def test_relays_and_their_secret_come_together() -> None:
    urls, secret = "turn:relay.example.org:3478?transport=udp,turns:[2001:db8::7]:443", "s" * 32
    assert any("set together" in line for line in mistakes(turn_urls=urls))
    assert any("set together" in line for line in mistakes(turn_secret=secret))
    environ = {"ASSENT_TURN_URLS": urls, "ASSENT_TURN_SECRET": secret}
    settings = Settings.load(None, environ)
    assert settings.turn_urls == tuple(urls.split(","))
    assert secret not in repr(settings)
