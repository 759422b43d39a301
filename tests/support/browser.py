"""The web application as a browser meets it: our origin, a cookie jar, JSON in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from yarl import URL

from assent.config import Settings
from assent.listening import Connections
from assent.media import MediaServer
from assent.meeting import MeetingPolicy, MeetingRegistry, Services, Store
from assent.signalling import serve
from assent.transparency import LogKey, LogPublisher, Notary, Receipts, Witnesses, load_log_key
from assent.web import (
    Accounts,
    ClientFiles,
    Context,
    HeldPlaces,
    Limiter,
    Notices,
    Passwords,
    build,
    invitation_url,
)
from assent_vault.formats import suite
from assent_vault.store import models
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.database import Database
from support.clock import ManualClock
from support.rooms import Link, compose

ORIGIN = "http://localhost:8080"
PASSWORD = "correct horse battery"  # long enough, and nobody's


async def make_context(
    database: Database, folder: Path, clock: ManualClock, **environ: str
) -> Context:
    """Put the real parts together, as the program does, without a network of their own."""
    variables = {"DATA_DIR": str(folder / "data"), **environ}
    settings = Settings.load(
        None, {f"ASSENT_{key.upper()}": value for key, value in variables.items()}
    )
    key = Ed25519PrivateKey.generate()
    blobs = FolderBlobs(folder / "objects")
    media = MediaServer("127.0.0.1", 0, ["127.0.0.1"], lambda _what, _error: None)
    rules = MeetingPolicy(
        show_names=settings.show_names,
        grace_seconds=settings.grace_seconds,
        max_participants=settings.max_participants,
        max_people_per_meeting=settings.max_people_per_meeting,
        retention_days=settings.retention_days,
    )
    publisher, log_key = await begin_log(database, folder, clock, settings)
    notary = Notary(key, log_key)
    hall = MeetingRegistry(Services(Store(database, notary), blobs, media, clock, key, rules))
    notices = Notices(database, clock)
    await notices.publish(settings)
    return Context(
        settings=settings,
        clock=clock,
        database=database,
        hall=hall,
        notices=notices,
        client=ClientFiles.load(folder / "client"),
        accounts=Accounts(database, clock),
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        limiter=Limiter(clock),
        sockets=HeldPlaces(10, 5),
        connections=Connections(1000, 100),
        log=publisher,
        notary=notary,
        receipts=Receipts(database, publisher, notary),
        server_key=suite.sign_public(key),
        reset_key=b"r" * 32,
        cookie_key=b"c" * 32,
        converse=lambda request, client: serve(hall, clock, request, client),
        problems=list,
    )


async def begin_log(
    database: Database, folder: Path, clock: ManualClock, settings: Settings | None = None
) -> tuple[LogPublisher, LogKey]:
    """Remember how the log stands, as the first start of a server does; again, it goes on."""
    server = folder / "data" / "server"
    server.mkdir(parents=True, exist_ok=True)
    log_key = load_log_key(server, origin="log", named=False, now=1, first_start=True)
    witnesses = Witnesses(() if settings is None else settings.witnesses, database)
    publisher = LogPublisher(database, log_key, server, witnesses, clock)
    await publisher.start()
    await publisher.stop()  # a test says when
    return publisher, log_key


async def make_vault(database: Database) -> bytes:
    """Write down a vault identity, as a worker does at its first start; returns the public key."""
    public = suite.sign_public(Ed25519PrivateKey.generate())
    async with database.write() as session:
        session.add(models.VaultIdentityRow(public_key=public, created_at=1))
    return public


class Answer:
    """What came back."""

    def __init__(self, raw: aiohttp.ClientResponse, body: bytes, json: Any) -> None:
        self.status = raw.status
        self.headers = raw.headers
        self.cookies = raw.cookies
        self.body = body
        self.json = json

    @property
    def code(self) -> str | None:
        """The error's stable code, None where there is no error."""
        return (
            self.json["error"]["code"]
            if isinstance(self.json, dict) and "error" in self.json
            else None
        )

    @property
    def field(self) -> str | None:
        """The field the error blames."""
        field: str | None = self.json["error"].get("field")
        return field


class Browser:
    """A browser with its own cookies, on a page of ours unless a test says otherwise."""

    def __init__(self, parts: Context, app: web.Application) -> None:
        self.parts = parts
        self._server = TestServer(app)
        self._owns_server = True
        self._client: TestClient[web.Request, web.Application] | None = None

    @classmethod
    def of(cls, parts: Context) -> Browser:
        """Serve an application for one browser; ``another`` gives more on the same one."""
        return cls(parts, build(parts))

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        jar = aiohttp.CookieJar(
            unsafe=True, treat_as_secure_origin=str(self._server.make_url("/").origin())
        )
        self._client = TestClient(self._server, cookie_jar=jar)
        if self._owns_server:
            await self._client.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._client is not None, "entered"
        if self._owns_server:
            await self._client.close()
        else:
            await self._client.session.close()

    def another(self) -> Browser:
        """Return a second browser, with no cookies yet, on the same server."""
        other = Browser.__new__(Browser)
        other.parts = self.parts
        other._server = self._server
        other._owns_server = False
        other._client = None
        return other

    @property
    def client(self) -> TestClient[web.Request, web.Application]:
        """The raw client."""
        assert self._client is not None, "use it as a context manager"
        return self._client

    async def request(self, method: str, path: str, **options: Any) -> Answer:
        """Send exactly this."""
        async with self.client.session.request(
            method,
            URL(f"{self._server.make_url('')}{path}", encoded=True),
            allow_redirects=False,
            **options,
        ) as raw:
            body = await raw.read()
            json = None
            if raw.content_type == "application/json" and body:
                json = await raw.json()
            return Answer(raw, body, json)

    async def get(self, path: str, **headers: str) -> Answer:
        """GET, as a page of ours does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("GET", path, headers={"Host": "localhost:8080", **named})

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        """POST JSON, as a page of ours does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request(
            "POST",
            path,
            json={} if body is None else body,
            headers={"Origin": ORIGIN, "Host": "localhost:8080", **named},
        )

    async def become(self, role: str, login: str | None = None) -> dict[str, str]:
        """Make an account by invitation, and be signed in; returns the account."""
        assert role in ("host", "administrator"), "the roles there are"
        secret, _ = await self.parts.accounts.invite(role, None)  # type: ignore[arg-type]
        url = invitation_url(ORIGIN, secret)
        answer = await self.post(
            "/api/invitations/accept",
            {
                "token": url.partition("#")[2],
                "name": "Some Body",
                "login": login or role,
                "password": PASSWORD,
            },
        )
        assert answer.status == 200, answer.json
        account: dict[str, str] = answer.json["account"]
        return account

    async def compose(self, **changes: Any) -> tuple[dict[str, Any], Link]:
        """Compose a room for a wish; returns what is to be sent, and the link."""
        wish = {
            "title": "Weekly",
            "recording": False,
            "training": False,
            "waiting_room": False,
            "lifetime_hours": 24,
        }
        terms = await self.get("/api/meetings/terms")
        assert terms.status == 200, terms.json
        return compose(terms.json, {**wish, **changes})

    async def create_meeting(self, **changes: Any) -> dict[str, Any]:
        """Make a meeting; returns what the server answered, and the ``link``."""
        body, link = await self.compose(**changes)
        answer = await self.post("/api/meetings", body)
        assert answer.status == 200, answer.json
        return {**answer.json, "link": link}
