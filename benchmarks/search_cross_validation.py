"""Five-fold cross-validation of search: each fold is asked of a ranker that was trained on the other four.

    python benchmarks/search_cross_validation.py --passages P.jsonl.gz --questions Q.jsonl

The fold that is asked takes no part in training, that is in the trees, the known questions and the calibration.
The passages are indexed once. Figures without a ranker and of plain BM25 are printed for comparison.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot.search.collection import Collection
from bot.search.evaluation import DEPTH, evaluate_baseline, quality
from bot.search.files import FileRejected, read_passages, read_questions
from bot.search.index import PassageIndex
from bot.search.ranker import train

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--passages", type=_FILE, required=True)
@click.option("--questions", type=_FILE, required=True)
@click.option("--folds", default=5, show_default=True)
@click.option("--seed", default=7, show_default=True)
def main(passages: Path, questions: Path, folds: int, seed: int) -> None:
    """Print the figures of each fold and their mean."""
    try:
        known_passages = read_passages(passages)
        asked = read_questions(questions, known_passages)
    except FileRejected as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    collection = Collection.build(known_passages)
    untrained = PassageIndex(collection)
    fold_of = np.random.default_rng(seed).permutation(len(asked)) % folds
    rows, took = [], []
    sure, right = [], []
    click.echo(f"{'':12}{'R@1':>8}{'hit@5':>8}{'hit@10':>8}{'MRR@10':>8}")
    for fold in range(folds):
        teaching = [question for question, of in zip(asked, fold_of, strict=True) if of != fold]
        judged = [question for question, of in zip(asked, fold_of, strict=True) if of == fold]
        index = PassageIndex(collection, train(collection, teaching, untrained.positions))
        found = []
        for question in judged:
            started = time.perf_counter()
            hits = index.search(question.text, DEPTH)
            took.append((time.perf_counter() - started) * 1000)
            found.append([hit.id for hit in hits])
            sure.append(hits[0].score if hits else 0.0)
            right.append(bool(hits) and hits[0].id in question.relevant)
        measured = quality(found, judged)
        rows.append([measured.r_at_1, measured.hit_at_5, measured.hit_at_10, measured.mrr_at_10])
        _print(f"fold {fold + 1}", rows[-1])
    _print("mean", list(np.mean(rows, axis=0)))
    plain = quality([[hit.id for hit in untrained.search(question.text, DEPTH)] for question in asked], asked)
    _print("no ranker", [plain.r_at_1, plain.hit_at_5, plain.hit_at_10, plain.mrr_at_10])
    baseline = evaluate_baseline(known_passages, asked)
    _print("BM25", [baseline.r_at_1, baseline.hit_at_5, baseline.hit_at_10, baseline.mrr_at_10])
    p50, p95 = np.percentile(took, [50, 95])
    click.echo(f"ms a query: p50 {p50:.1f}, p95 {p95:.1f}")
    click.echo("How often the first hit was right, by its score:")
    for lower, upper in ((0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.01)):
        within = [is_right for score, is_right in zip(sure, right, strict=True) if lower <= score < upper]
        share = f"{np.mean(within):.2f}" if within else "-"
        click.echo(f"  {lower:.1f} to {min(upper, 1):.1f}: {share} of {len(within)}")


def _print(name: str, figures: list[float]) -> None:
    click.echo(f"{name:12}" + "".join(f"{figure:8.3f}" for figure in figures))


if __name__ == "__main__":
    main()
