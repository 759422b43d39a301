"""The vault worker: what it does by itself, round after round, and what it takes away."""
