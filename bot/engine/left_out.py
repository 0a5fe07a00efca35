"""Loads Rasa without TensorFlow, scikit-learn and matplotlib. Import this before anything of Rasa.

Rasa imports every component that it knows, so these libraries come with it: most of the memory of Rasa's program and of
the time until it is loaded. No component of `config.yml` needs them to answer; ours load scikit-learn to be trained.
The modules that need them are replaced by ones with the same names in them, and whoever uses one of these is told why
it does nothing.
"""

import sys
from types import ModuleType
from typing import Any, Dict, NoReturn, Tuple

# Module of Rasa 3.6 that needs one of them → what others import from it.
_NEEDING_IT: Dict[str, Tuple[str, ...]] = {
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.classifiers.logistic_regression_classifier": ("LogisticRegressionClassifier",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer": ("CountVectorsFeaturizer",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.utils.plotting": (),
    "rasa.utils.tensorflow.callback": ("RasaModelCheckpoint", "RasaTrainingLogger"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
    "rasa.utils.tensorflow.model_data": ("Data", "FeatureArray", "RasaModelData", "ragged_array_to_ndarray"),
}


class LeftOut(RuntimeError):
    """A component was used that needs what was left out."""


class _StandIn(type):
    """What stands for a class: it can be imported and compared, and nothing else."""

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        cls._refuse()

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        cls._refuse()

    def _refuse(cls) -> NoReturn:
        raise LeftOut(f"{cls.__name__} needs a library that this engine leaves out (bot/engine/left_out.py)")


def leave_out() -> None:
    if "rasa.nlu" in sys.modules or "rasa.core.policies" in sys.modules:
        raise ImportError("bot.engine.left_out must be imported before Rasa's components")
    for name, classes in _NEEDING_IT.items():
        module = ModuleType(name)
        for each in classes:
            setattr(module, each, _StandIn(each, (), {"__module__": name}))
        sys.modules[name] = module


leave_out()
