"""Protection of what citizens say: keys that seal it, retention periods, and deletion on request."""
