"""Meaning by a dense encoder, if the city has one in a folder; none ships, and without one nothing here is imported.

The encoder only reorders what the search by words has found (reciprocal rank fusion: Cormack, Clarke, Büttcher,
SIGIR 2009). The scores stay with the places, so whether there is an answer at all is decided by words as before.

    encoder = Encoder.load(folder)
    reranker = DenseReranker.over(encoder, {"residence.md#1": "居住证每年签注一次。"}, store)
    reranker.reranked("居住证多久要签一回", hits)
"""

from __future__ import annotations

import hashlib
import importlib
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bot.search.index import Hit
from bot.search.vectors import unit

Floats = NDArray[np.float32]

# How many hits are worth reordering: what lies further down is not shown even if it rises.
RERANKED = 50
# The constant of the article, which found that it hardly matters.
_FUSION = 60
_BATCH = 32
_LONGEST = 512  # tokens; models of the BERT family read no more
_SENTENCE = "sentence_embedding"
_DEFAULT_PADDING = {"pad_id": 0, "pad_token": "[PAD]"}


class EncoderUnusable(Exception):
    """The folder holds no encoder that can be run; the message says what is missing."""


class TextEncoder(Protocol):
    digest: str
    """Says which model it is: vectors of two models cannot be compared."""

    def encode(self, texts: Sequence[str]) -> Floats:
        """A row a text, each of length one."""


class Encoder:
    """A sentence encoder exported to ONNX: `model.onnx` and the `tokenizer.json` of the library tokenizers."""

    def __init__(self, session: Any, tokenizer: Any, digest: str) -> None:
        self.digest = digest
        self._session, self._tokenizer = session, tokenizer
        outputs = [each.name for each in session.get_outputs()]
        self._output = _SENTENCE if _SENTENCE in outputs else outputs[0]
        self._inputs = [each.name for each in session.get_inputs()]

    @classmethod
    def load(cls, folder: Path) -> Encoder:
        """
        Raises:
            EncoderUnusable: a file or a package is missing, or the files cannot be used.
        """
        model, tokenizer = folder / "model.onnx", folder / "tokenizer.json"
        for file in (model, tokenizer):
            if not file.is_file():
                raise EncoderUnusable(f"{folder}: there is no {file.name}")
        onnxruntime, tokenizers = _package("onnxruntime"), _package("tokenizers")
        # Both libraries raise classes of their own that share no base but Exception.
        try:
            session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
            encoding = tokenizers.Tokenizer.from_file(str(tokenizer))
        except Exception as error:
            raise EncoderUnusable(f"{folder}: cannot be loaded ({error})") from error
        encoding.enable_truncation(_LONGEST)
        padding = encoding.padding or _DEFAULT_PADDING
        encoding.enable_padding(pad_id=padding["pad_id"], pad_token=padding["pad_token"])
        # A large model keeps its weights beside it: model.onnx_data.
        encoder = cls(session, encoding, _digest_of_files([*sorted(folder.glob("model.onnx*")), tokenizer]))
        encoder.check(folder)
        return encoder

    def check(self, folder: Path) -> None:
        """Whether the model takes what the tokenizer gives and answers with vectors; raises `EncoderUnusable`."""
        if unknown := set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids"}:
            raise EncoderUnusable(f"{folder}: model.onnx asks for {', '.join(sorted(unknown))}")
        try:
            vectors = self.encode(["好"])
        except Exception as error:
            raise EncoderUnusable(f"{folder}: the model does not run ({error})") from error
        if vectors.ndim != 2:
            raise EncoderUnusable(f"{folder}: {self._output} of model.onnx is neither of tokens nor of sentences")

    def encode(self, texts: Sequence[str]) -> Floats:
        batches = [self._encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, 0), np.float32)

    def _encode(self, texts: Sequence[str]) -> Floats:
        encodings = self._tokenizer.encode_batch(list(texts))
        given = {
            "input_ids": [each.ids for each in encodings],
            "attention_mask": [each.attention_mask for each in encodings],
            "token_type_ids": [each.type_ids for each in encodings],
        }
        arrays = {name: np.array(given[name], np.int64) for name in self._inputs}
        output = np.asarray(self._session.run([self._output], arrays)[0], np.float32)
        return unit(output if output.ndim == 2 else _mean(output, np.array(given["attention_mask"], np.float32)))


class DenseReranker:
    """Reorders hits by what their texts mean."""

    def __init__(self, encoder: TextEncoder, vectors: Mapping[str, Floats]) -> None:
        self._encoder, self._vectors = encoder, vectors

    @classmethod
    def over(cls, encoder: TextEncoder, texts: Mapping[str, str], store: Path | None = None) -> DenseReranker:
        """Of passages, `texts` by their ids; their vectors are kept in the folder `store`."""
        return cls(encoder, vectors_of(encoder, texts, store))

    def reranked(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """The same passages in the order of both rankings fused; the first keeps the score that the first had."""
        if len(hits) < 2:
            return list(hits)
        asked = self._encoder.encode([question])[0]
        cosines = np.array([self._vectors[hit.id] @ asked for hit in hits])
        order = fused([np.arange(len(hits)), np.argsort(-cosines, kind="stable")])
        scores = sorted((hit.score for hit in hits), reverse=True)
        return [Hit(hits[place].id, score) for place, score in zip(order, scores, strict=True)]


def vectors_of(encoder: TextEncoder, texts: Mapping[str, str], store: Path | None) -> dict[str, Floats]:
    """The vectors of `texts` by the same keys.

    What the file of this encoder in the folder `store` holds, by the SHA-256 of the text, is not encoded again.
    """
    digest_of = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in texts.items()}
    file = store / f"{encoder.digest}.npz" if store else None
    held = _read(file) if file else {}
    missing = {digest_of[key]: text for key, text in texts.items() if digest_of[key] not in held}
    if missing:
        held |= zip(missing, encoder.encode(list(missing.values())), strict=True)
        if file:
            _write(file, {digest: held[digest] for digest in digest_of.values()})
    return {key: held[digest] for key, digest in digest_of.items()}


def fused(orders: Sequence[NDArray[np.int64]]) -> list[int]:
    """Reciprocal rank fusion of permutations of 0 … n - 1, best first; at equal sums the first order decides."""
    sums = np.zeros(len(orders[0]))
    for order in orders:
        sums[order] += 1 / (_FUSION + 1 + np.arange(len(order)))
    return [int(place) for place in orders[0][np.argsort(-sums[orders[0]], kind="stable")]]


def _mean(tokens: Floats, mask: Floats) -> Floats:
    """Of each text's tokens without the padding: (texts, tokens, dimensions) becomes (texts, dimensions)."""
    totals = np.einsum("ntd,nt->nd", tokens, mask)
    return np.asarray(totals / np.maximum(mask.sum(axis=1, keepdims=True), 1), np.float32)


def _read(file: Path) -> dict[str, Floats]:
    """Nothing where nothing can be read: then all is encoded again."""
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return dict(zip(arrays["digests"].tolist(), arrays["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(file: Path, vectors: Mapping[str, Floats]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two processes may encode the same documents at once.
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".unfinished", delete=False) as unfinished:
        np.savez(unfinished, digests=np.array(list(vectors), np.str_), vectors=np.array(list(vectors.values())))
    Path(unfinished.name).replace(file)


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise EncoderUnusable(
            f"the package {name} is not installed, and a dense encoder needs it: "
            ".venv/web/bin/python -m pip install -r requirements/dense.in"
        ) from None


def _digest_of_files(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()
