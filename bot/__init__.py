"""The assistant. Which package may import which: the floors in `tests/test_imports.py`; what is in each: `docs/architecture.md`."""
