"""The private keys of the vault, and the only code that opens what was sealed with them."""
