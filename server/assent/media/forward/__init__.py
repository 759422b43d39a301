"""From one publisher to every subscriber: layers, rewriting, the recorder's copies."""
