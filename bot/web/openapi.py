"""The API's description for programs (`GET /openapi.json`)."""

from __future__ import annotations

from typing import Any

from bot.answering.suggestions import LONGEST_QUERY
from bot.catalogue.directory import FILTERS
from bot.documents.delivery import DeliveryOutcome
from bot.web.chat import MAX_TEXT_CHARACTERS

# Kind of an answer → its further fields; docs/replies.md says the same at length.
KINDS = {
    "approval_item": "code, name, facet, data (the whole record)",
    "approval_choices": "codes: the candidates, best first",
    "joint_service": "code, name, items",
    "disclosure_status": "receipt, state, received_on, due_on, working_days_left, timeline, legal_basis, remedies, "
    "answer (null before the answer; else on, outcome, decision, reason, legal_basis, note)",
    "disclosure_identity": "missing (receipt or query_code), attempts_left",
    "policy_answer": "sources, best first: document, number, article, passage, url, published_on, in_force, "
    "page (the passage on this site, without the host), recognised (the text is from a scan and may have errors)",
    "route": "code, phone, url: another door where the door is the answer",
    "office": "code, name, address, hours, phone, district, duty, longitude, latitude: an office that was asked for "
    "by its name",
    "absent": "name, in_charge, suggestions: a matter that is not offered here",
    "letter": "case, department, due_on: a complaint, suggestion, praise or request that was taken down",
    "public_letter": "title, department (may be null), answered_on, page (on this site, without the host): a published "
    "letter of another citizen and its answer; always only likely",
    "interview_answer": "title (the question), interview, by (who answered), answered_on, page (on this site, without "
    "the host): an answer given in a talk with citizens; always only likely",
    "handoff": "case (null: a person is offered and none was asked for yet), online",
    "case": "case, state, due_at, each null where it is not known or may not be told yet: a case of one's own",
    "deletion": "receipt (null: it is asked whether one is sure), kept: what the law keeps, a sentence each",
    "filing": "step, of: the form for a request; after the last receipt and due_on",
    "smalltalk": "topic",
    "fallback": "suggestions: no answer",
}

_ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
_MESSAGE = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "description": "says everything in plain Chinese"},
        "buttons": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["title", "id"],
                "properties": {
                    "title": {"type": "string"},
                    "id": {"type": "string", "description": "send it as `button` to press it, now or much later"},
                },
            },
        },
        "custom": {
            "type": "object",
            "required": ["kind"],
            "properties": {
                "kind": {
                    "enum": list(KINDS),
                    "description": "\n".join(f"- {kind}: {fields}" for kind, fields in KINDS.items()),
                },
                "certainty": {
                    "enum": ["likely"],
                    "description": "an offer, beside any kind that answers (policy_answer, approval_item, "
                    "joint_service, route, absent); several come best first. Without it the answer is sure",
                },
            },
        },
    },
}


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _query(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


_TEXT_OR_NULL = {"type": ["string", "null"]}
_DELIVERED = {
    "type": "object",
    "required": ["id", "document", "version", "title", "withdrawn"],
    "properties": {
        "id": {**_TEXT_OR_NULL, "description": "yours; null for a document that was loaded otherwise"},
        "document": {"type": "string", "description": "ours"},
        "version": {"type": "integer", "minimum": 1},
        "title": {"type": "string"},
        "number": _TEXT_OR_NULL,
        "issuer": _TEXT_OR_NULL,
        "published_on": {**_TEXT_OR_NULL, "format": "date"},
        "in_force": {"type": ["boolean", "null"], "description": "null: nobody has said so"},
        "withdrawn": {"type": "boolean"},
        "outcome": {"enum": [outcome.value for outcome in DeliveryOutcome], "description": "of a PUT only"},
    },
}
_PARTICULARS = {
    "title": {"type": "string"},
    "number": {"type": "string", "description": "文号"},
    "issuer": {"type": "string"},
    **{name: {"type": "string", "format": "date"} for name in ("published_on", "effective_on", "repealed_on")},
    "in_force": {"type": "boolean", "description": "left out: nobody says whether"},
    "repealed_by": {"type": "string"},
    "url": {"type": "string", "format": "uri", "description": "where it can be read"},
}
_REFUSED = {
    "401": _answer("No key, or one that is not in use", _ERROR),
    "403": _answer("The key is not for documents", _ERROR),
    "429": _answer("Too fast for this key", _ERROR),
}
_IDENTIFIER = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "your own identifier of the document",
    "schema": {"type": "string", "pattern": r"^[A-Za-z0-9_.~\-]{1,100}$"},
}
_DOCUMENTS = {
    "parameters": [_IDENTIFIER],
    "put": {
        "security": [{"key": []}],
        "summary": "Publish a document or its next version; to send the same again changes nothing",
        "parameters": [
            {
                "name": "name",
                "in": "query",
                "description": "the file's name, whose suffix tells the format, where the body is the file itself",
                "schema": {"type": "string"},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "oneOf": [{"required": ["name", "content"]}, {"required": ["title", "text"]}],
                        "properties": {
                            "name": {
                                "type": "string",
                                "minLength": 1,
                                "description": "the file's name with its suffix",
                            },
                            "content": {"type": "string", "minLength": 1, "contentEncoding": "base64"},
                            "text": {"type": "string", "description": "in place of a file; each line a paragraph"},
                            **_PARTICULARS,
                        },
                    }
                },
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        "responses": {
            "200": _answer("A new version, or nothing has changed: see `outcome`", _DELIVERED),
            "201": _answer("Published for the first time", _DELIVERED),
            "400": _answer("Not a delivery", _ERROR),
            **_REFUSED,
            "408": _answer("Sent too slowly", _ERROR),
            "409": _answer("Another request stores the same document", _ERROR),
            "413": _answer("Too large", _ERROR),
            "415": _answer("Another type of body", _ERROR),
            "422": _answer("The file cannot be read; `error` says why", _ERROR),
        },
    },
    "get": {
        "security": [{"key": []}],
        "summary": "What is stored under this identifier",
        "responses": {
            "200": _answer("The document", _DELIVERED),
            "400": _answer("Not an identifier", _ERROR),
            **_REFUSED,
            "404": _answer("Nothing", _ERROR),
        },
    },
    "delete": {
        "security": [{"key": []}],
        "summary": "Withdraw the document: it is quoted no more; staff still find it, and a PUT returns it",
        "responses": {
            "200": _answer("Withdrawn, now or before", _DELIVERED),
            "400": _answer("Not an identifier", _ERROR),
            **_REFUSED,
            "404": _answer("Nothing", _ERROR),
        },
    },
}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "City assistant", "version": "1"},
    "components": {
        "securitySchemes": {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "python -m bot api-keys add NAME [--scope documents]",
            }
        }
    },
    "paths": {
        "/api/chat": {
            "post": {
                "security": [{}, {"key": []}],
                "summary": "Say something to the assistant, or press a button that it offered",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "oneOf": [{"required": ["text"]}, {"required": ["button"]}],
                                "properties": {
                                    "conversation": {
                                        "type": ["string", "null"],
                                        "pattern": r"^[A-Za-z0-9_.:@\-]{1,100}$",
                                        "description": "left out: a new conversation, whose id the answer gives",
                                    },
                                    "text": {"type": "string", "maxLength": MAX_TEXT_CHARACTERS},
                                    "button": {"type": "string", "description": "the id of the button pressed"},
                                    "id": {
                                        "type": "string",
                                        "maxLength": 64,
                                        "description": "your own number of the message; sent again it is answered once",
                                    },
                                },
                            }
                        }
                    },
                },
                "responses": {
                    "200": _answer(
                        "The answer",
                        {
                            "type": "object",
                            "required": ["conversation", "messages"],
                            "properties": {
                                "conversation": {"type": "string"},
                                "messages": {"type": "array", "items": _MESSAGE},
                                "pending": {
                                    "const": True,
                                    "description": "no answer yet, and `messages` only say so: the same again, "
                                    "with its `id`, waits for the answer or gives it. Left out otherwise",
                                },
                            },
                        },
                    ),
                    "400": _answer("Not a message", _ERROR),
                    "401": _answer("The key is not in use", _ERROR),
                    "403": _answer(
                        "The conversation belongs to another key or address, or the key is not for asking", _ERROR
                    ),
                    "413": _answer("Too long", _ERROR),
                    "415": _answer("Not application/json", _ERROR),
                    "429": _answer("Too fast, or too many at once: again after Retry-After seconds", _ERROR),
                },
            }
        },
        "/api/items": {
            "get": {
                "summary": "The items of the catalogue, searched as in the conversation and filtered, 20 a page",
                "parameters": [
                    _query("q", "what somebody wants to do; with it the best are first"),
                    *(
                        _query(name, f"{title}, a value as the page /items offers it")
                        for name, title in FILTERS.items()
                    ),
                    _query("page", "from 1"),
                ],
                "responses": {
                    "200": _answer(
                        "A page of the list",
                        {
                            "type": "object",
                            "required": ["total", "page", "pages", "page_size", "near_only", "items"],
                            "properties": {
                                "total": {"type": "integer"},
                                "page": {"type": "integer"},
                                "pages": {"type": "integer"},
                                "page_size": {"type": "integer"},
                                "near_only": {"type": "boolean", "description": "nothing fits; these only come near"},
                                "items": {
                                    "type": "array",
                                    "items": {"type": "object", "required": ["code", "name", "url"]},
                                },
                            },
                        },
                    ),
                    "429": _answer("Too fast: again after Retry-After seconds", _ERROR),
                },
            }
        },
        "/api/items/{code}": {
            "get": {
                "summary": "The whole record of an item, as `data` of an approval_item",
                "parameters": [{"name": "code", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": _answer(
                        "The record; of an item that is switched off only `notice`, to be shown instead",
                        {"type": "object", "required": ["code", "name", "url"]},
                    ),
                    "404": _answer("No such item", _ERROR),
                },
            }
        },
        "/items.csv": {"get": {"responses": {"200": {"description": "all items, a row each, as CSV in UTF-8"}}}},
        "/api/suggest": {
            "get": {
                "summary": "Proposes what to ask while one types",
                "description": "Names of matters and documents, usual questions; by Chinese, pinyin or first letters. "
                f"Of what is typed the first {LONGEST_QUERY} characters count.",
                "parameters": [{"name": "q", "in": "query", "schema": {"type": "string"}}],
                "responses": {
                    "200": _answer(
                        "At most eight, best first",
                        {
                            "type": "object",
                            "required": ["suggestions"],
                            "properties": {
                                "suggestions": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["title", "kind", "say"],
                                        "properties": {
                                            "title": {"type": "string"},
                                            "kind": {"enum": ["item", "joint", "document", "question"]},
                                            "say": {"type": "string", "description": "what to send if it is chosen"},
                                        },
                                    },
                                }
                            },
                        },
                    ),
                    "429": _answer("Too fast", _ERROR),
                },
            }
        },
        "/api/documents/{id}": _DOCUMENTS,
        "/healthz": {"get": {"responses": {"200": {"description": "the process lives"}}}},
        "/readyz": {
            "get": {
                "responses": {
                    "200": {"description": "questions are answered; with `encoder: down` a little worse"},
                    "503": {"description": "a part is down; the body says which"},
                }
            }
        },
        "/metrics": {
            "get": {
                "responses": {
                    "200": {"description": "Prometheus text format"},
                    "404": _answer("Asked without METRICS_TOKEN, and not by a program on this machine", _ERROR),
                }
            }
        },
    },
}
