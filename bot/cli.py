"""`python -m bot …`: the commands of operators. A command's module is loaded when the command is used."""

from __future__ import annotations

import importlib
import sys

import click

from bot import workdays
from bot.private_files import keep_private
from bot.settings import Settings, SettingsError

# Not imported here, since some commands need machine learning, which takes seconds to load.
COMMANDS = {
    "run": "bot.running.run_command:run",
    "prepare": "bot.running.commands:prepare",
    "doctor": "bot.doctor.commands:doctor",
    "backup": "bot.backup.commands:backup",
    "restore": "bot.backup.commands:restore",
    "revise": "bot.running.commands:revise",
    "import-catalogue": "bot.catalogue.commands:import_catalogue_command",
    "aliases": "bot.catalogue.commands:aliases",
    "import-documents": "bot.documents.commands:import_documents_command",
    "documents": "bot.documents.watch_command:documents",
    "build-index": "bot.answering.index_command:build_index",
    "train-letters": "bot.letters.commands:train_letters",
    "train-documents-search": "bot.documents.commands:train_documents_search_command",
    "import-synonyms": "bot.synonyms.commands:import_synonyms_command",
    "synonyms": "bot.synonyms.commands:synonyms",
    "vectors": "bot.answering.encoder.commands:vectors",
    "import-routes": "bot.referrals.commands:import_routes_command",
    "import-laws": "bot.laws.commands:import_laws_command",
    "laws": "bot.laws.commands:laws",
    "import-disclosures": "bot.disclosures.commands:import_disclosures_command",
    "disclosures": "bot.disclosures.desk_commands:disclosures",
    "import-publishing": "bot.publishing.commands:import_publishing_command",
    "import-holidays": "bot.holidays:import_holidays",
    "notices": "bot.notices.commands:notices",
    "clock": "bot.disclosures.clock_command:clock_command",
    "answering-train": "bot.answering.commands:answering_train",
    "search-train": "bot.search.commands:search_train",
    "search-eval": "bot.search.commands:search_eval",
    "staff": "bot.staff.commands:staff",
    "audit": "bot.staff.commands:audit",
    "api-keys": "bot.api_keys.commands:api_keys",
    "keys": "bot.privacy.commands:keys",
    "retention": "bot.privacy.commands:retention_command",
    "cases": "bot.reviews.commands:cases",
    "train": "bot.training.commands:train",
    "models": "bot.training.commands:models",
    "roll-back": "bot.training.commands:roll_back",
    "switch": "bot.switches.commands:switch",
    "figures": "bot.figures.commands:figures_command",
    "bulletin": "bot.figures.commands:bulletin_command",
    "sms-simulator": "bot.sms_simulator.commands:sms_simulator",
    "city-orders-simulator": "bot.city_orders_simulator.commands:city_orders_simulator",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The city's assistant."""
    workdays.follow(Settings.from_environment().holidays_path)


def main() -> None:
    keep_private()
    try:
        cli(prog_name="python -m bot")
    except SettingsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
