"""Runs Rasa's graph of components one after another, without a scheduler.

Rasa runs its graph with dask, which plans every run again. For a dozen small components the planning takes more than
half as long as the components themselves. The components, their inputs and their results are the same.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner


class DirectGraphRunner(DaskGraphRunner):
    def run(self, inputs: Optional[Dict[Text, Any]] = None, targets: Optional[List[Text]] = None) -> Dict[Text, Any]:
        """See the parent class; the results are the same."""
        found: Dict[Text, Tuple[Text, Any]] = {name: (name, value) for name, value in (inputs or {}).items()}
        try:
            return dict(self._result(name, found) for name in targets or self._graph_schema.target_names)
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error

    def _result(self, name: Text, found: Dict[Text, Tuple[Text, Any]]) -> Tuple[Text, Any]:
        """The name of the node and its result. Each node runs once, after the nodes that it needs."""
        if name not in found:
            needed = [self._result(other, found) for other in self._graph_schema.nodes[name].needs.values()]
            found[name] = self._instantiated_nodes[name](*needed)
        return found[name]
