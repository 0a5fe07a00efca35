"""The action server as this project runs it: Rasa's SDK, with logs that do not quote people.

`python -m bot.rasa_sdk_server` takes the arguments of `python -m rasa_sdk`.
"""

from __future__ import annotations

import logging
import threading

from rasa_sdk.__main__ import main
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from actions.turn import database
from bot import private_files, quiet_logs, workdays
from bot.answering.service import answering
from bot.migrations import metadata
from bot.settings import Settings

logger = logging.getLogger(__name__)

# At import, since Sanic answers in a spawned process that imports this module but does not run it.
private_files.keep_private()
quiet_logs.install()
workdays.follow(Settings.from_environment().holidays_path)


def _read_what_answers() -> None:
    """Loads the index before the first citizen asks, who would otherwise wait for it."""
    try:
        with database().transaction() as session:
            answering(session)
    except (OSError, SQLAlchemyError) as error:  # the first question tries again
        logger.warning("what answers could not be read yet: %s", type(error).__name__)


if __name__ == "__main__":
    main()
elif __name__ == "__mp_main__":  # the process that Sanic spawned
    # All classes of tables first. A thread that queries while another imports such a class can break SQLAlchemy's
    # mappers, and then every query of this process fails.
    metadata()
    configure_mappers()
    threading.Thread(target=_read_what_answers, name="read what answers", daemon=True).start()
