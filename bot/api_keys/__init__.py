"""Keys that identify programs at `POST /api/chat`."""
