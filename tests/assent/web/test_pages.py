"""Pages and the files they are made of."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assent.web import ClientFiles, Context
from support import migrated
from support.browser import Browser

HTML = {"Accept": "text/html,*/*"}
PAGES = [
    "/",
    "/m/AAAAAAAAAAAAAAAAAAAAAA",
    "/r/AAAAAAAAAAAAAAAAAAAAAA",
    "/invitation",
    "/password",
    "/admin",
]


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """Pages do not depend on the database; one kind will do."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


@pytest.fixture
def built(parts: Context, tmp_path: Path) -> Context:
    folder = tmp_path / "built"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Assent</title>" + " " * 1000)
    (folder / "assets" / "main-abc.js").write_text("export {};" * 200)
    (folder / "favicon.svg").write_text("<svg/>")
    return dataclasses.replace(parts, client=ClientFiles.load(folder))


@pytest.fixture
async def page_browser(built: Context) -> AsyncIterator[Browser]:
    async with Browser.of(built) as browser:
        yield browser


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_the_same_document(page_browser: Browser, path: str) -> None:
    answer = await page_browser.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.body.startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    "added",
    [
        "/",
        "//",
        ".",
        "%20",
        "%23AAAA",
        "%23AAAA%2FAAAA.",
        "/%23AAAA",
        "/AAAA",
        "%EF%BC%83AAAA",
        "%",
    ],
)
@pytest.mark.parametrize("path", [path for path in PAGES if len(path) > 10])
async def test_links_with_something_added_lead_to_their_page(
    page_browser: Browser, path: str, added: str
) -> None:
    """The client cuts them to what they are; see client-web/src/link.ts."""
    answer = await page_browser.get(path + added)
    assert answer.status == 200
    assert answer.body.startswith(b"<!doctype html>")


async def test_other_words_are_not_links(page_browser: Browser) -> None:
    for path in ("/invitations", "/password-list", "/mm/AAAAAAAAAAAAAAAAAAAAAA", "/m"):
        assert (await page_browser.get(path, Accept="text/html")).status == 404


async def test_assets_are_kept_for_ever(page_browser: Browser) -> None:
    answer = await page_browser.get("/assets/main-abc.js")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["Cache-Control"]
    icon = await page_browser.get("/favicon.svg")
    assert icon.headers["Content-Type"] == "image/svg+xml"
    assert icon.headers["Cache-Control"] == "no-cache"


async def test_what_the_browser_has_is_not_sent_again(page_browser: Browser) -> None:
    first = await page_browser.get("/")
    again = await page_browser.get("/", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")


async def test_it_is_compressed_for_who_can_read_it(page_browser: Browser) -> None:
    packed = await page_browser.get("/assets/main-abc.js", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = await page_browser.get("/assets/main-abc.js", Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    assert packed.body == plain.body
    assert plain.headers["Vary"] == "Accept-Encoding"


async def test_an_unknown_page_says_so_in_the_client(page_browser: Browser) -> None:
    answer = await page_browser.get("/nowhere", **HTML)
    assert answer.status == 404
    assert answer.body.startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/api/missing",
        "/index.html",
        "/nowhere",
        "/..%2f..%2fetc%2fpasswd",
        "/assets/..%2findex.html",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/%00",
        "//evil.example/",
    ],
)
async def test_nothing_else_is_there(page_browser: Browser, path: str) -> None:
    answer = await page_browser.get(path)
    assert (answer.status, answer.code) == (404, "not-found")


async def test_an_unknown_route_is_an_error_and_no_page(page_browser: Browser) -> None:
    answer = await page_browser.get("/api/missing", **HTML)
    assert (answer.status, answer.code) == (404, "not-found")


async def test_another_name_for_us_leads_to_the_public_one(page_browser: Browser) -> None:
    answer = await page_browser.get("/m/AAAA?x=1", Host="127.0.0.1:8080")
    assert answer.status == 307
    assert answer.headers["Location"] == "http://localhost:8080/m/AAAA?x=1"
    assert "Content-Security-Policy" in answer.headers
    probe = await page_browser.get("/healthz", Host="127.0.0.1:8080")
    assert probe.status == 200


async def test_behind_a_proxy_its_word_counts_and_nothing_circles(built: Context) -> None:
    settings = dataclasses.replace(
        built.settings,
        public_url="https://meet.example.org",
        trusted_proxies=(ipaddress.ip_network("127.0.0.1"),),
    )
    async with Browser.of(dataclasses.replace(built, settings=settings)) as browser:
        for headers, status in (
            ({"Host": "upstream:8080"}, 200),
            ({"Host": "meet.example.org", "X_Forwarded_Proto": "https"}, 200),
            ({"Host": "meet.example.org", "X_Forwarded_Proto": "http"}, 307),
        ):
            answer = await browser.get("/admin", **headers)
            assert answer.status == status, headers
        assert answer.headers["Location"] == "https://meet.example.org/admin"


async def test_without_a_client_the_reason_is_plain(browser: Browser) -> None:
    answer = await browser.get("/")
    assert answer.status == 503
    assert b"has not been built" in answer.body
    assert answer.headers["Content-Type"].startswith("text/plain")
