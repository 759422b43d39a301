"""Writes a log anew, as whoever has the database and the keys can, and hides that they did.

Everything starts on what comes out: the tree is whole, its head is signed by the log's own key, and
the heads that server and vault remember are the new one.
"""

from __future__ import annotations

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats.suite import decode
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.merkle import leaf_hash, root_of
from assent_vault.ledger.note import Signer, to_base64
from support.server import Server


def forget(server: Server, person: str) -> Head:
    """Take everything of a person out of a stopped server's database and log; return its head.

    The log must be smaller than a tile.
    """
    for table in ("statements", "participants"):
        server.query(f"DELETE FROM {table} WHERE person_id = ?", person)
    rows = server.query("SELECT number, entry, record FROM log_entries ORDER BY number")
    kept = []
    for number, entry, record in rows:
        if person.encode() in bytes(record or b""):
            server.query("DELETE FROM log_entries WHERE number = ?", number)
        else:
            kept.append((number, bytes(entry)))
    assert len(kept) < len(rows), "there was something of theirs"
    for now, (number, _) in enumerate(kept):
        server.query("UPDATE log_entries SET number = ? WHERE number = ?", now, number)
    assert server.query("SELECT COUNT(*) FROM log_tiles") == [(0,)]
    head = Head(len(kept), root_of(leaf_hash(entry) for _, entry in kept))
    log = json.loads((server.data / "server" / "log.key").read_bytes())
    signer = Signer(log["origin"], Ed25519PrivateKey.from_private_bytes(decode(log["key"])))
    (server.data / "server" / "log.head").write_bytes(checkpoints.sign(signer, head).to_bytes())
    (server.vault / "log.head").write_text(f"{head.size}\n{to_base64(head.root)}\n")
    return head
