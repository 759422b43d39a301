"""What docker-compose.yml gives to each container; no Docker engine is needed to read it.

The file was also loaded by compose-go, the library behind `docker compose config`, with the same
outcome; containers are not started here.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from assent.config import Settings
from assent.errors import ConfigError
from assent_vault.config import SHARED_KEYS, VaultSettings
from assent_vault.errors import ConfigError as VaultConfigError
from assent_vault.given import SERVER_KEYS

ROOT: Final = Path(__file__).resolve().parents[2]
FILE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, Any]] = FILE["services"]
IMAGE: Final = dict(re.findall(r"(ASSENT_[A-Z_]+)=(\S+)", (ROOT / "Dockerfile").read_text()))
# What this file decides by itself, and what it keeps from one of the two.
DECIDED: Final = {"worker"}
KEPT_FROM_VAULT: Final = {"turn_secret"}
SECRETS: Final = {
    "POSTGRES_PASSWORD": "owner-secret",
    "SERVER_DATABASE_PASSWORD": "server-secret",
    "VAULT_DATABASE_PASSWORD": "vault-secret",
    "SERVER_DATABASE_URL": "postgresql://assent_server:server-secret@postgres/assent",
    "VAULT_DATABASE_URL": "postgresql://assent_vault:vault-secret@postgres/assent",
}
_VARIABLE: Final = re.compile(r"\$\{([A-Z_]+):-((?:[^{}]|\{[^{}]*\})*)\}")


def filled(text: str, env: dict[str, str]) -> str:
    """Fill in variables as Compose does: ``${NAME:-otherwise}``, nested."""
    while (match := _VARIABLE.search(text)) is not None:
        text = text[: match.start()] + (env.get(match[1]) or match[2]) + text[match.end() :]
    assert "${" not in text, "a form that this does not know"
    return text


def environment(service: str, env: dict[str, str]) -> dict[str, str]:
    """Return what a container of ours gets: the image's, over it .env, over it the file's own."""
    found = dict(IMAGE)
    for file in SERVICES[service].get("env_file", []):
        assert file == {"path": ".env", "required": False}
        found |= env
    own = SERVICES[service].get("environment", {})
    return found | {key: filled(value, env) for key, value in own.items()}


@pytest.mark.parametrize("service", ["server", "vault"])
@pytest.mark.parametrize("key", sorted(SERVER_KEYS | SHARED_KEYS))
def test_every_setting_reaches_both(service: str, key: str) -> None:
    name = f"ASSENT_{key.upper()}"
    found = environment(service, {name: "chosen"})[name]
    if key in DECIDED:
        assert found == "external"
    elif service == "vault" and key in KEPT_FROM_VAULT:
        assert found == ""
    else:
        assert found == "chosen"


def test_what_is_published_follows_the_settings() -> None:
    env = {"ASSENT_LISTEN_PORT": "9000", "ASSENT_MEDIA_PORT": "9001", "BIND_ADDRESS": "0.0.0.0"}
    assert [filled(port, env) for port in SERVICES["server"]["ports"]] == [
        "0.0.0.0:9000:9000/tcp",
        "0.0.0.0:9001:9001/udp",
        "0.0.0.0:9001:9001/tcp",
    ]
    usual = [filled(port, {}) for port in SERVICES["server"]["ports"]]
    assert usual == [
        "127.0.0.1:8080:8080/tcp",
        "127.0.0.1:7881:7881/udp",
        "127.0.0.1:7881:7881/tcp",
    ]
    assert "ports" not in SERVICES["vault"]


def test_both_start_on_what_they_are_given_and_no_misspelt_key_passes() -> None:
    for env in ({}, SECRETS):
        settings = Settings.load(None, environment("server", env))
        vault = VaultSettings.load(None, environment("vault", env))
        assert settings.worker == "external"
        assert settings.listen_host == "0.0.0.0"
        assert settings.vault.data_dir == vault.data_dir
        assert settings.vault.objects_url == vault.objects_url
    misspelt = {"ASSENT_BIND": "0.0.0.0", "ASSENT_MAX_PARTICIPANT": "9"}
    with pytest.raises(
        ConfigError, match=r"ASSENT_MAX_PARTICIPANT in the .* ASSENT_MAX_PARTICIPANTS"
    ):
        Settings.load(None, environment("server", misspelt))
    with pytest.raises(VaultConfigError, match="ASSENT_BIND"):
        VaultSettings.load(None, environment("vault", misspelt))


def test_neither_has_what_is_the_others() -> None:
    server, vault = (environment(service, SECRETS) for service in ("server", "vault"))
    assert "server-secret" in server["ASSENT_DATABASE_URL"]
    assert "vault-secret" in vault["ASSENT_DATABASE_URL"]
    assert not [value for value in server.values() if "vault-s" in value or "owner-s" in value]
    assert not [value for value in vault.values() if "server-s" in value or "owner-s" in value]

    def mounts(service: str) -> dict[str, str]:
        pairs = [filled(volume, {}).split(":") for volume in SERVICES[service]["volumes"]]
        return {pair[0]: pair[1] for pair in pairs}

    assert mounts("server").keys() & mounts("vault").keys() == {"data"}
    assert mounts("server")["server"] == server["ASSENT_SERVER_DIR"]
    assert mounts("vault")["vault"] == vault["ASSENT_VAULT_DIR"]
    assert mounts("vault")["exports"] == vault["ASSENT_EXPORTS_DIR"]
    assert mounts("server")["data"] == server["ASSENT_DATA_DIR"] == mounts("vault")["data"]
    users = [SERVICES[service]["user"].split(":") for service in ("server", "vault")]
    assert users[0][0] != users[1][0]
    assert users[0][1] == users[1][1]
    dockerfile = (ROOT / "Dockerfile").read_text()
    for (user, _), name in zip(users, ("server", "vault"), strict=True):
        assert re.search(rf"--uid {user} .* {name}$", dockerfile.replace(" \\\n", "\n"), re.M)


def test_health_is_asked_by_commands_of_ours() -> None:
    assert SERVICES["server"]["healthcheck"]["test"] == ["CMD", "assent", "healthcheck"]
    assert SERVICES["vault"]["healthcheck"]["test"] == ["CMD", "assent-vault", "healthcheck"]
    assert '"assent", "healthcheck"' in (ROOT / "Dockerfile").read_text()


def test_every_key_of_ours_is_one_of_those() -> None:
    own = {item.name for item in dataclasses.fields(Settings)} - {"vault"}
    assert own | SHARED_KEYS == SERVER_KEYS | SHARED_KEYS
