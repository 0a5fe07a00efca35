"""The assistant. What is in each package, and which may import which: `docs/architecture.md`."""
