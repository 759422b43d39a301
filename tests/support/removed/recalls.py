"""What keeps a data set in somebody's hands from being more, or agreed to longer, than it is."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_DATASET: Final = "storage/assent_vault/dataset/"
_RECALLS: Final = "storage/assent_vault/worker/recalls.py"
_CHECK: Final = "assent_vault/dataset/test_check.py::"
_FEED: Final = "assent_vault/dataset/test_feed.py::"
_APPLYING: Final = "assent_vault/dataset/test_applying.py::"
_WORKER: Final = "assent_vault/worker/test_recalls.py::"

RECALLS: Final[dict[str, tuple[Removal, ...]]] = {
    "a data set that was changed": (
        Removal(
            "a file is held against the digest that was signed",
            (
                Change(
                    f"{_DATASET}check.py",
                    "    elif measured != wanted or (",
                    "    elif measured.size != wanted.size or (",
                ),
            ),
            (f"{_CHECK}test_what_is_wrong_has_its_code[a bit]",),
        ),
        Removal(
            "a manifest is what its signature says, to the byte",
            (
                Change(
                    f"{_DATASET}signed_manifest.py",
                    "        jws.verify_detached(claimed, TYPE, body, signature)\n",
                    "        jws.key_of(signature)\n",
                ),
            ),
            (f"{_CHECK}test_what_is_wrong_has_its_code[a manifest with a space more]",),
        ),
        Removal(
            "a manifest that a key has signed which nobody knows is another's",
            (
                Change(
                    f"{_DATASET}signed_manifest.py",
                    '    return None if claimed in identities else Flaw("signed-by-another")\n',
                    "    return None\n",
                ),
            ),
            (f"{_CHECK}test_what_is_wrong_has_its_code[a signature of another]",),
        ),
        Removal(
            "a feed names the digest of the manifest that it is of",
            (
                Change(
                    f"{_DATASET}feed.py",
                    "    if (feed.export, feed.manifest) != (export, manifest):\n",
                    "    if feed.export != export:\n",
                ),
            ),
            (f"{_FEED}test_whose_and_of_what_it_is",),
        ),
        Removal(
            "a path of a manifest stays in its folder",
            (
                Change(
                    f"{_DATASET}signed_manifest.py",
                    "        if not is_inside(path) or path in BESIDE:\n",
                    "        if path in BESIDE:\n",
                ),
            ),
            (f"{_CHECK}test_a_path_that_leads_elsewhere_is_never_opened",),
        ),
        Removal(
            "the key that a manifest names itself is worth nothing",
            (
                Change(
                    f"{_DATASET}signed_manifest.py",
                    '        return Flaw("identity-unknown" if claimed == named'
                    ' else "signed-by-another")\n',
                    "        return None\n",
                ),
            ),
            (f"{_CHECK}test_without_the_key_from_elsewhere_it_is_not_called_signed",),
        ),
        Removal(
            "a feed that is shorter than one that was seen is refused",
            (
                Change(
                    f"{_DATASET}feed.py",
                    "    if len(feed.digests) < len(seen.digests):\n",
                    "    if not feed.digests:\n",
                ),
            ),
            (f"{_FEED}test_it_only_grows",),
        ),
        Removal(
            "every line of a feed is signed by a key that is known",
            (
                Change(
                    f"{_DATASET}feed.py",
                    "    if not feed.signers <= set(identities):\n",
                    "    if not feed.signers & set(identities):\n",
                ),
            ),
            (f"{_FEED}test_whose_and_of_what_it_is",),
        ),
        Removal(
            "what could not be published is taken up by the next scan",
            (
                Change(
                    _RECALLS,
                    "        if failures:\n            raise failures[0]\n"
                    "        self._seen = size\n",
                    "        self._seen = size\n        if failures:\n"
                    "            raise failures[0]\n",
                ),
            ),
            (f"{_WORKER}test_what_cannot_be_written_is_written_later",),
        ),
        Removal(
            "a feed goes on from the longest that the vault has signed",
            (
                Change(
                    _RECALLS,
                    "            return mine\n        return published\n",
                    "            return published\n        return published\n",
                ),
            ),
            (f"{_WORKER}test_nothing_that_was_published_is_ever_taken_back",),
        ),
        Removal(
            "the feed is kept before anything is taken out",
            (
                Change(
                    f"{_DATASET}applying.py",
                    "            self._put(FEED, self._feed.body)\n",
                    "            pass\n",
                ),
            ),
            (f"{_APPLYING}test_killed_anywhere_it_is_never_called_whole_and_ends_the_same",),
        ),
        Removal(
            "what was written anew is looked into",
            (
                Change(
                    f"{_DATASET}check.py",
                    "        if _names(tree, path, found.recalls):\n",
                    "        if not path:\n",
                ),
            ),
            (f"{_APPLYING}test_a_table_that_is_said_to_be_rewritten_is_looked_into",),
        ),
    ),
}
