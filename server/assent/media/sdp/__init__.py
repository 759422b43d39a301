"""Session descriptions: read, checked, answered and made, for browsers and for WHIP and WHEP."""
