"""The actions of the assistant, one module for each capability."""

from sanic.worker.manager import WorkerManager

# By default Sanic ends a worker that has not started within 30 seconds. On a busy machine loading takes longer, so the
# worker would be ended again and again. In tenths of a second; the supervisor has its own limit.
WorkerManager.THRESHOLD = 3000
