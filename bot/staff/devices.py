"""Browsers from which staff have signed in before. The browser's record is sealed, so that nobody can forge one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.sealing import SealBroken, Sealer
from bot.staff.models import Person

# People remembered in one browser, since colleagues share a counter. Beyond this, the oldest sign-in is dropped.
_MOST_PEOPLE = 20


@dataclass(frozen=True)
class Device:
    """A browser. `people`: the ids of those who have signed in with it, newest last."""

    id: str
    people: tuple[int, ...] = ()

    @classmethod
    def of(cls, text: str, sealer: Sealer) -> Device:
        """The device in the sealed text from the browser; a new device if we did not seal that text."""
        try:
            kept = sealer.open_object(text)["device"]
            return cls(kept["id"], tuple(kept["people"]))
        except (SealBroken, LookupError, TypeError):
            return cls(secrets.token_urlsafe(16))

    def sealed(self, sealer: Sealer) -> str:
        return sealer.seal_object({"device": {"id": self.id, "people": self.people}})

    def knows(self, person: Person) -> bool:
        return person.id in self.people

    def with_person(self, person: Person) -> Device:
        others = tuple(one for one in self.people if one != person.id)
        return Device(self.id, (*others, person.id)[-_MOST_PEOPLE:])


@dataclass(frozen=True)
class Client:
    """Who tries to sign in: from which address, with which browser."""

    address: str
    device: Device | None = None

    def knows(self, person: Person) -> bool:
        return self.device is not None and self.device.knows(person)

    def counted_as(self, person: Person) -> str:
        """The name under which failures are counted: the browser if the person has used it before, else the address."""
        return f"device {self.device.id}" if self.device is not None and self.knows(person) else self.address
