"""Whether a recording may be released: evidence, gate, queue and monitor. No key is here."""
