"""Keys by which programs are known at `POST /api/chat`."""
