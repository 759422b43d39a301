"""What keeps a data set on its way to a page from anybody else, and as it was signed."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_WORKER: Final = "storage/assent_vault/worker/downloads.py"
_TAR: Final = "storage/assent_vault/dataset/tar_stream.py"
_SEALS: Final = "assent_vault/worker/test_downloads.py::"

DOWNLOADS: Final[dict[str, tuple[Removal, ...]]] = {
    "a data set fetched by somebody who may not have it, in part, changed on its way, "
    "or after something of it was taken back": (
        Removal(
            "chunks are given to the account that asked, and to no other",
            (
                Change(
                    "server/assent/web/downloads.py",
                    "    if row is None or row.requested_by != account.id:\n",
                    "    if row is None:\n",
                ),
            ),
            ("assent/web/test_downloads.py::test_nobody_else_gets_it",),
        ),
        Removal(
            "the worker looks itself whether who asked is an administrator",
            (
                Change(
                    _WORKER,
                    "                missing = None if asker else approval.APPROVAL_VOID\n",
                    "                missing = None if asker else None\n",
                ),
            ),
            (f"{_SEALS}test_only_an_administrator_gets_it",),
        ),
        Removal(
            "and, where two have to agree, whether another one has let them have it",
            (
                Change(
                    _WORKER,
                    "                missing = await approval.what_is_missing"
                    "(session, row, moment)\n",
                    "                missing = None if moment else approval.APPROVAL_VOID\n",
                ),
                Change(
                    _WORKER,
                    "        if row.state == approval.PROPOSED:\n            return False\n",
                    "        if row.state == approval.PROPOSED:\n"
                    "            row.state = REQUESTED\n",
                ),
            ),
            (f"{_SEALS}test_where_exports_are_approved_so_is_each_download",),
        ),
        Removal(
            "nothing is sealed while something in it is taken back",
            (
                Change(
                    _TAR,
                    "    if not recalled & set(manifest.meetings) <= out:\n",
                    "    if not recalled & set(manifest.meetings) <= out | recalled:\n",
                ),
            ),
            (f"{_SEALS}test_what_was_taken_back_is_not_handed_out",),
        ),
        Removal(
            "each file is held against what was signed of it before its end is sealed",
            (
                Change(
                    _TAR,
                    "reading.digest.digest() != wanted.sha256:\n",
                    "reading.digest.digest() == b'':\n",
                ),
            ),
            (f"{_SEALS}test_what_is_not_as_it_was_signed_does_not_come_to_its_end",),
        ),
        Removal(
            "a row names no folder but the one that the worker writes to",
            (
                Change(
                    _WORKER,
                    "        if export.folder is not None and Path(export.folder) != place:\n",
                    "        if export.folder is not None and not place.name:\n",
                ),
            ),
            (f"{_SEALS}test_a_row_leads_to_no_other_folder",),
        ),
        Removal(
            "what lies in the store of it is sealed to the page's key",
            (
                Change(
                    _WORKER,
                    "        return chunks.seal_chunk(place, plaintext, public, "
                    "self._keyring.identity)\n",
                    "        return plaintext or public\n",
                ),
            ),
            (f"{_SEALS}test_nothing_of_it_is_in_the_store_in_the_clear",),
        ),
        Removal(
            "a page takes no chunk that the vault has not signed",
            (
                Change(
                    "client-web/src/download/chunk.ts",
                    "  await verify(expected.identity, TYPE, body, signature);\n",
                    "  void [verify, signature];\n",
                ),
            ),
            (
                "client-web/tests/download/fetch.test.ts "
                '"is refused, and nothing of it is kept, where it is changed"',
            ),
        ),
        Removal(
            "a page takes no chunk but the one that comes next",
            (
                Change(
                    "client-web/src/download/chunk.ts",
                    '  if (!there) throw new SealError("it is a chunk of another place");\n',
                    "  void there;\n",
                ),
            ),
            (
                "client-web/tests/download/fetch.test.ts "
                '"is refused, and nothing of it is kept, where it is changed"',
            ),
        ),
    ),
}
