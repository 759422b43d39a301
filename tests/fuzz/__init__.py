"""Fuzzing: one target for each parser that strangers or members can reach."""
