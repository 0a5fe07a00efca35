"""Trains as this project trains: `python -m bot.engine.trainer train` with the arguments of `rasa train`.

It leaves out what takes half of Rasa's time and changes nothing in the model:

- TensorFlow, matplotlib and Rasa's own use of scikit-learn are left out (`bot/engine/left_out.py`).
- the training data are read once, and their form is not checked: our own code writes lessons, and `rasa data validate`
  is run on what ships. Rasa reads and checks the same files three times.
- the result of each component is not kept for a next training. Ours always begin anew, since Rasa does not see when the
  code that a component calls has changed.
"""

from __future__ import annotations

# Before Rasa.
# isort: off
import bot.engine.left_out  # noqa: F401

# isort: on
from rasa.__main__ import main
from rasa.engine.training.hooks import TrainingHook
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method


def read_training_data_once() -> None:
    """Rasa reads the files again for each language that it is asked for, though they are the same for all."""
    read = RasaFileImporter.get_nlu_data

    @cached_method
    def read_once(self: RasaFileImporter) -> TrainingData:
        return read(self)

    RasaFileImporter.get_nlu_data = lambda self, language="en": read_once(self)
    RasaYAMLReader.validate = lambda *_: None


def keep_nothing_for_a_next_training() -> None:
    TrainingHook.on_before_node = lambda *_, **__: {}
    TrainingHook.on_after_node = lambda *_, **__: None


if __name__ == "__main__":
    read_training_data_once()
    keep_nothing_for_a_next_training()
    main()
