"""The layers of multilingual-e5-small as an ONNX graph, run by onnxruntime with weights of four bits.

The weights stay in four bits and are multiplied in eight (`MatMulNBits` of onnxruntime's own operators), so that the
matrices fit into the processor's cache. They are those of the file; only their order within a block is another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.onnx_ml_pb2 import NodeProto, TensorProto

from bot.answering.encoder.weights import BLOCK_WEIGHTS, Floats, Weights, in_order

_OWN = "com.microsoft"
_OPERATORS, _OWN_OPERATORS, _FILE_FORMAT = 18, 1, 9
# Multiplies in whole numbers of eight bits. It takes about half as long as exact multiplication, and the vectors of
# both have a cosine of .9999.
_IN_EIGHT_BITS = 4
_ONLY_ERRORS = 3


class Network:
    """From the pieces of one text to their last states, in the caller's thread. Threads may share it."""

    def __init__(self, weights: Weights) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ONLY_ERRORS
        graph = _Graph(weights).made()
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def states(self, pieces: Floats) -> Floats:
        """`pieces`: (pieces, width), what each is plus where it stands. The result has the same shape."""
        [states] = self._session.run(None, {"pieces": pieces[None]})
        return np.asarray(states[0], np.float32)


class _Graph:
    def __init__(self, weights: Weights) -> None:
        self._weights, self._shape = weights, weights.shape
        self._nodes: list[NodeProto] = []
        self._kept: list[TensorProto] = []

    def made(self) -> bytes:
        shape = self._shape
        state = self._add("LayerNormalization", ["pieces", *self._vectors("emb.ln.w", "emb.ln.b")], epsilon=shape.eps)
        for layer in range(shape.layers):
            state = self._layer(f"l{layer}", state)
        sizes: list[int | str | None] = [1, "count", shape.width]
        given, found = (helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes) for name in ("pieces", state))
        graph = helper.make_graph(self._nodes, "multilingual-e5-small", [given], [found], self._kept)
        operators = [helper.make_opsetid("", _OPERATORS), helper.make_opsetid(_OWN, _OWN_OPERATORS)]
        model = helper.make_model(graph, opset_imports=operators, ir_version=_FILE_FORMAT)
        return bytes(model.SerializeToString())

    def _layer(self, name: str, state: str) -> str:
        mixed = self._times(f"{name}.ao", self._attention(name, state))
        state = self._normal_sum(f"{name}.aln", mixed, state)
        wide = self._add("Gelu", [self._times(f"{name}.fi", state)], domain=_OWN)
        return self._normal_sum(f"{name}.oln", self._times(f"{name}.fo", wide), state)

    def _attention(self, name: str, state: str) -> str:
        heads, width = self._shape.heads, self._shape.width
        # One matrix for all three, since the state is prepared for eight bits once for each matrix.
        projected = self._times(f"{name}.q", state, f"{name}.k", f"{name}.v")
        by_head = self._keep(f"{name}.by_head", np.array([0, 0, 3 * heads, width // heads]))
        apart = self._add("Transpose", [self._add("Reshape", [projected, by_head])], perm=[0, 2, 1, 3])
        query, key, value = self._split(apart, 3)
        shrink = self._keep(f"{name}.shrink", np.array((width // heads) ** -0.5, np.float32))
        across = self._add("Transpose", [key], perm=[0, 1, 3, 2])
        likeness = self._add("MatMul", [self._add("Mul", [query, shrink]), across])
        seen = self._add("MatMul", [self._add("Softmax", [likeness], axis=-1), value])
        together = self._keep(f"{name}.together", np.array([0, 0, width]))
        return self._add("Reshape", [self._add("Transpose", [seen], perm=[0, 2, 1, 3]), together])

    def _times(self, name: str, state: str, *beside: str) -> str:
        """The state times a matrix, plus its bias. The results of the matrices `beside` stand after the first one's."""
        names = (name, *beside)
        inputs = self._shape.inputs_of(name)
        blocks = np.concatenate([self._weights.blocks(f"{each}.w", inputs) for each in names])
        matrix = self._keep(f"{name}.halves", _in_pairs(blocks["halves"]))
        scales = self._keep(f"{name}.scales", blocks["scale"].astype(np.float32).ravel())
        bias = self._keep(f"{name}.b", np.concatenate([self._weights.vector(f"{each}.b") for each in names]))
        product = self._add(
            "MatMulNBits", [state, matrix, scales], domain=_OWN,
            K=inputs, N=len(blocks), bits=4, block_size=BLOCK_WEIGHTS, accuracy_level=_IN_EIGHT_BITS,
        )  # fmt: skip
        return self._add("Add", [product, bias])

    def _normal_sum(self, name: str, first: str, second: str) -> str:
        scale_and_shift = self._vectors(f"{name}.w", f"{name}.b")
        return self._add(
            "SkipLayerNormalization", [first, second, *scale_and_shift], domain=_OWN, epsilon=self._shape.eps
        )

    def _vectors(self, *names: str) -> list[str]:
        return [self._keep(name, self._weights.vector(name)) for name in names]

    def _keep(self, name: str, values: NDArray[Any]) -> str:
        self._kept.append(numpy_helper.from_array(values, name))
        return name

    def _add(self, operator: str, inputs: list[str], domain: str = "", **settings: Any) -> str:
        [output] = self._outputs(1, operator, inputs, domain, **settings)
        return output

    def _split(self, state: str, count: int) -> list[str]:
        return self._outputs(count, "Split", [state], axis=1, num_outputs=count)

    def _outputs(self, count: int, operator: str, inputs: list[str], domain: str = "", **settings: Any) -> list[str]:
        outputs = [f"{operator}{len(self._nodes)}.{number}" for number in range(count)]
        self._nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, **settings))
        return outputs


def _in_pairs(halves: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As the operator reads blocks: byte j holds weights 2j and 2j + 1."""
    weights = in_order(halves)
    return np.ascontiguousarray(weights[..., ::2] | weights[..., 1::2] << 4)
