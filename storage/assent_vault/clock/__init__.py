"""The time that both processes go by, where the clock on the wall may be wrong."""
