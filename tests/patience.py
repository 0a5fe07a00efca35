"""How long a test waits for something that must happen. A test that passes does not wait so long on any machine."""

WITHIN_SECONDS = 300
# For what a page must show. Shorter, because a wrong page never shows it, and each assertion waits by itself.
PAGE_WITHIN_MS = 60_000
