"""`python -m bot`: may be started by any Python, and continues in the web environment."""

import os
import sys

from bot.running.environments import WEB

if __name__ == "__main__":
    if not WEB.python.exists():
        sys.exit("error: the environments are not made yet; run `make setup` first")
    if sys.prefix != str(WEB.folder):
        os.execv(str(WEB.python), [str(WEB.python), "-m", "bot", *sys.argv[1:]])
    from bot.cli import main

    main()
