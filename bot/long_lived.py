"""Objects that live as long as their process are kept out of garbage collection.

From time to time Python's collector looks at every object of the process, and answers wait for it: 0.4 s in a process
that holds a model or the indexes, every few hundred messages (`docs/decisions/0013-processor-time.md`).
"""

from __future__ import annotations

import gc


def keep_out_of_collection() -> None:
    """From now on the collector passes over all that lives now; what nobody refers to any more is still freed at once.

    To be called when much was loaded, also again: what went out of use since the last call is collected first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
