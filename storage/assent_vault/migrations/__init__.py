"""The history of the tables, one revision after the other; packaged, so that a wheel has them."""

from assent_vault.migrations.upgrade import upgrade

__all__ = ["upgrade"]
