"""What the assistant does: one module a capability."""

from sanic.worker.manager import WorkerManager

# Sanic gives a worker 30 seconds to start, and on a busy machine ends it in the middle of loading, again and again.
# In tenths of a second; the supervisor has its own limit.
WorkerManager.THRESHOLD = 3000
