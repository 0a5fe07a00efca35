"""The city that ships, 云河市: what a new installation answers until it has a catalogue of its own."""

from __future__ import annotations

import click

from bot.catalogue.importer import import_catalogue
from bot.catalogue.service import has_city
from bot.db import Database, one_at_a_time, utcnow
from bot.disclosures.importer import import_requests
from bot.documents.importer import import_documents
from bot.laws.importer import import_laws
from bot.laws.watch import refresh
from bot.places import SAMPLES
from bot.publishing import tasks as publishing
from bot.publishing.importer import import_publishing
from bot.referrals.importer import import_routes
from bot.reviews.importer import import_canned_replies
from bot.synonyms.importer import import_synonyms


def load_sample_city(database: Database) -> None:
    """Loads 云河市 with all that it knows if there is no city yet."""
    with database.transaction() as session:
        one_at_a_time(session.connection(), "sample city")
        if has_city(session):
            return
        click.echo("Loading the sample city …")
        import_catalogue(session, SAMPLES / "catalogue")
        import_documents(session, SAMPLES / "documents")
        import_requests(session, SAMPLES / "disclosures")
        import_routes(session, SAMPLES / "routes")
        import_synonyms(session, SAMPLES / "synonyms")
        import_canned_replies(session, SAMPLES / "reviews")
        import_laws(session, SAMPLES / "laws" / "status.csv", None, utcnow())
        import_publishing(session, SAMPLES / "publishing", utcnow())
        publishing.refresh(session, utcnow())
        refresh(session, utcnow())
