"""The transparency log: what was said is written down where nobody can change it unnoticed.

Pure, from the bottom up: ``merkle`` (trees and proofs), ``tiles`` (their pieces), ``note`` (signed
text), ``checkpoint`` (a head as a note), ``proof`` (an entry's place under a head), ``entry`` (what
an entry is about). With the database: ``rows`` (append and read), ``tree`` (the head over all
entries), ``heads`` (where it is remembered), ``follow`` (the vault's own view).
"""
