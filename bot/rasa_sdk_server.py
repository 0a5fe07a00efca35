"""The action server as this project runs it: Rasa's SDK with logs that hold nobody's words.

`python -m bot.rasa_sdk_server` takes the arguments of `python -m rasa_sdk`.
"""

from __future__ import annotations

from rasa_sdk.__main__ import main

from bot import private_files, quiet_logs

# Sanic answers in a process that it spawns, in which this module is loaded but not run.
private_files.keep_private()
quiet_logs.install()

if __name__ == "__main__":
    main()
