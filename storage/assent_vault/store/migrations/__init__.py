"""The history of the tables, one revision after the other; packaged, so that a wheel has them."""

from assent_vault.store.migrations.upgrade import SchemaStanding, require, standing, upgrade

__all__ = ["SchemaStanding", "require", "standing", "upgrade"]
