"""`python -m bot.answering.encoder`: the encoder's process, as the supervisor starts it."""

from __future__ import annotations

import asyncio
import os
import resource
import sys

import click

from bot.running.environments import ONE_THREAD
from bot.settings import Settings

# The process needs about 0.7 GB of address space. One that wants more ends, and the supervisor starts it again.
MOST_MEMORY_BYTES = 2 << 30


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="On the loopback; 0 takes one that is free.")
def main(port: int) -> None:
    """Vectors of texts for the assistant's other processes on this machine."""
    # numpy reads these when it is imported, so it is imported after this.
    os.environ.update(ONE_THREAD)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY_BYTES, MOST_MEMORY_BYTES))

    from bot import log_lines
    from bot.answering.encoder.sentence_model import SentenceModel
    from bot.answering.encoder.server import serve
    from bot.answering.encoder.store import VectorStore
    from bot.answering.encoder.weights import WeightsUnreadable, weights_path

    log_lines.install("encoder")
    settings = Settings.from_environment()
    weights = weights_path(settings)
    if weights is None:
        sys.exit("there are no weights of the encoder, or ENCODER is off")
    try:
        model = SentenceModel(weights)
    except WeightsUnreadable as error:
        sys.exit(str(error))
    asyncio.run(serve(model, VectorStore.of(settings), settings.encoder_address_path, port))


if __name__ == "__main__":
    main()
