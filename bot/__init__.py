"""The assistant. Which package may import which: the floors in `tests/test_imports.py`.

What is in each: `docs/architecture.md`.
"""
