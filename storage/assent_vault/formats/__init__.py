"""What FORMAT.md lays down, byte by byte: keys, documents, generations, segments. No database."""
