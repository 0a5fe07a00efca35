"""LightGBM, for boosted trees, loaded without scikit-learn.

Of scikit-learn it only needs the base classes of estimators that are not used here; loading them would take a second
and 40 MB of every process that answers.
"""

from __future__ import annotations

import sys

_had_been_loaded = "sklearn" in sys.modules
if not _had_been_loaded:
    sys.modules["sklearn"] = None  # type: ignore[assignment] # Python then says that there is no such module.
try:
    import lightgbm
finally:
    if not _had_been_loaded:
        del sys.modules["sklearn"]

__all__ = ["lightgbm"]
