"""What FORMAT.md lays down, byte by byte: keys, documents, epochs, segments. No database."""
