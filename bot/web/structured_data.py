"""What search engines read of a page, in the words of schema.org (JSON-LD). Templates escape it with `tojson`."""

from __future__ import annotations

from typing import Any

from bot.catalogue.models import Department, Item, JointService, Office
from bot.documents.models import Document
from bot.voices.models import PublicLetter


def item_data(item: Item, site: str) -> dict[str, Any]:
    address = f"{site}/items/{item.code}"
    return {
        **_service(item.name, item.summary, address, item.department, item.office),
        "identifier": item.code,
        "serviceType": item.kind,
        "audience": {"@type": "Audience", "audienceType": item.applicant},
        "serviceOutput": {"@type": "Thing", "name": item.result},
        "dateModified": item.recorded_on.isoformat(),
    }


def joint_data(joint: JointService, site: str) -> dict[str, Any]:
    address = f"{site}/joint/{joint.code}"
    return {
        **_service(joint.name, joint.summary, address, joint.department, joint.office),
        "identifier": joint.code,
        "serviceType": "一件事一次办",
        "isRelatedTo": [{"@type": "GovernmentService", "url": f"{site}/items/{code}"} for code in joint.item_codes],
        "dateModified": joint.recorded_on.isoformat(),
    }


def document_data(document: Document, site: str) -> dict[str, Any]:
    """`legislationLegalForce` is left out where nobody has said whether the document is in force."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Legislation",
        "name": document.title,
        "url": f"{site}/documents/{document.id}",
        "inLanguage": "zh-CN",
    }
    if document.number:
        found["legislationIdentifier"] = document.number
    if document.issuer:
        found["legislationPassedBy"] = {"@type": "GovernmentOrganization", "name": document.issuer}
    if document.published_on:
        found["datePublished"] = document.published_on.isoformat()
    if document.force is not None:
        found["legislationLegalForce"] = "InForce" if document.force else "NotInForce"
    return found


def _service(name: str, summary: str, address: str, department: Department, office: Office) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": name,
        "description": summary,
        "url": address,
        "provider": {"@type": "GovernmentOrganization", "name": department.name, "telephone": department.phone},
        "availableChannel": {
            "@type": "ServiceChannel",
            "serviceLocation": {
                "@type": "Place",
                "name": office.name,
                "address": office.address,
                "telephone": office.phone,
            },
        },
    }


def letter_data(letter: PublicLetter, site: str) -> dict[str, Any]:
    """A question of a citizen with the answer of the government (schema.org's QAPage)."""
    author = letter.department.name if letter.department else ""
    return {
        "@context": "https://schema.org",
        "@type": "QAPage",
        "url": f"{site}/voices/{letter.id}",
        "mainEntity": {
            "@type": "Question",
            "name": letter.title,
            "text": letter.question,
            "dateCreated": letter.asked_on.isoformat(),
            "answerCount": 1,
            "acceptedAnswer": {
                "@type": "Answer",
                "text": letter.answer,
                "dateCreated": letter.answered_on.isoformat(),
                **({"author": {"@type": "GovernmentOrganization", "name": author}} if author else {}),
            },
        },
    }
