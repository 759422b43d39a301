"""What a path can carry: the estimate, what it is made of, and who gets how much of it."""
