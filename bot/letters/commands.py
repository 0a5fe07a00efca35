"""`python -m bot train-letters`: trains the models of acts and duties again, and reports how good they are."""

from __future__ import annotations

from pathlib import Path

import click
from scipy.sparse import vstack

from bot.letters import acts, linear, offices
from bot.letters.folds import act_figures, duty_figures
from bot.letters.training import (
    answered_letters,
    fit_acts,
    fit_duties,
    further_letters,
    labelled_letters,
    own_wordings,
    rows_of,
    written_duties,
)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("labelled", type=_FILE)
@click.option("--more", type=_FILE, required=True, help="Further letters, with titles and replies; may be .gz.")
@click.option("--folds", type=click.IntRange(min=2), help="Also judge, by so many folds.")
@click.option("--dry-run", is_flag=True, help="Judge only; the files of weights stay as they are.")
def train_letters(labelled: Path, more: Path, folds: int | None, dry_run: bool) -> None:
    """Learn from LABELLED letters and others what letters do, and which department they concern."""
    known, others = labelled_letters(labelled), [*further_letters(more), *own_wordings()]
    rows, other_rows = rows_of(known), rows_of(others)
    answered, written = answered_letters(more), written_duties()
    duty_rows, written_rows = rows_of(answered), rows_of(written)
    if folds:
        found = act_figures(known, others, rows, other_rows, folds)
        for act, share in found.taken_by_act.items():
            click.echo(f"{act}: {found.counts[act]} letters, {share:.1%} taken down")
        click.echo(f"of those taken down rightly, as what they are: {found.kind_right:.1%}")
        duties = duty_figures(answered, written, duty_rows, written_rows, folds)
        click.echo(
            f"department: {duties.count} letters, named for {duties.named:.1%}, right of these {duties.right:.1%}"
        )
    if not dry_run:
        linear.save(acts.WEIGHTS, fit_acts(vstack([rows, other_rows]), [*known, *others]))
        duty_model = fit_duties(vstack([duty_rows, written_rows]), [*answered, *written])
        linear.save(offices.WEIGHTS, {"duty": duty_model})
        click.echo(f"wrote {acts.WEIGHTS.name} and {offices.WEIGHTS.name}")
