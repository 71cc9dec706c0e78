"""Who may use the service: access tokens, and browsers that have signed in with one.

Tokens and session secrets are 256 random bits; only their SHA-256 is kept, so that a copy of the database opens
nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
import time
import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, select, update

from workers.audit import Action, Origin, note
from workers.database import Database
from workers.tables import SessionRow, TokenRow
from workers.views import moment

PREFIX = "nianbao_"
"""Begins every token, so that one that has leaked can be recognised."""
NAME = re.compile(r"[\w.-]{1,32}")


class Role(StrEnum):
    MEMBER = "member"
    """Sees his own reports."""
    ADMIN = "admin"
    """Sees everybody's, and the audit log."""


class AccessError(Exception):
    """A token cannot be made or revoked; the message says why."""


@dataclass(frozen=True)
class Holder:
    """Whose token it is."""

    token_id: str
    name: str
    role: Role


@dataclass(frozen=True)
class TokenView:
    id: str
    name: str
    role: Role
    created_at: dt.datetime
    revoked_at: dt.datetime | None


class Access:
    """The tokens and sessions of a service."""

    def __init__(self, database: Database, session_seconds: float) -> None:
        self._database = database
        self._session_seconds = session_seconds
        self._closed = False

    def closed(self) -> bool:
        """Whether there has ever been a token: then nobody gets in without one, even if all have been revoked."""
        if not self._closed:
            with self._database.read() as session:
                self._closed = session.scalar(select(TokenRow.id).limit(1)) is not None
        return self._closed

    def has_tokens(self) -> bool:
        """Whether anybody can get in with a token."""
        with self._database.read() as session:
            return session.scalar(select(TokenRow.id).where(TokenRow.revoked_at.is_(None)).limit(1)) is not None

    def create(self, name: str, role: Role, origin: Origin) -> str:
        """A new token, to be shown once; raises AccessError for a name that cannot be used."""
        if not NAME.fullmatch(name):
            raise AccessError(f"“{name}” cannot be a name: use 1 to 32 letters, digits, “.”, “-” or “_”.")
        token = PREFIX + secrets.token_urlsafe(32)
        row = TokenRow(id=uuid.uuid4().hex[:12], name=name, role=role, digest=_digest(token), created_at=time.time())
        with self._database.write() as session:
            session.add(row)
            note(session, origin, Action.TOKEN, detail={"token": row.id, "name": name, "role": role})
        return token

    def revoke(self, token_id: str, origin: Origin) -> None:
        """Nobody gets in with it any more, nor do the browsers that have; raises AccessError."""
        live = TokenRow.id == token_id, TokenRow.revoked_at.is_(None)
        with self._database.write() as session:
            revoked = update(TokenRow).where(*live).values(revoked_at=time.time()).returning(TokenRow.name)
            name = session.scalar(revoked)
            if name is None:
                raise AccessError(
                    f"There is no token {token_id} that could be revoked; `nianbao token list` names all."
                )
            session.execute(delete(SessionRow).where(SessionRow.token_id == token_id))
            note(session, origin, Action.REVOCATION, detail={"token": token_id, "name": name})

    def tokens(self) -> list[TokenView]:
        """All that there have been, the oldest first."""
        with self._database.read() as session:
            rows = session.scalars(select(TokenRow).order_by(TokenRow.created_at, TokenRow.id)).all()
        return [
            TokenView(
                r.id,
                r.name,
                Role(r.role),
                moment(r.created_at),
                None if r.revoked_at is None else moment(r.revoked_at),
            )
            for r in rows
        ]

    def holder_of(self, token: str) -> Holder | None:
        """Whose token it is; None when there is none like it, or it has been revoked."""
        with self._database.read() as session:
            row = session.scalar(
                select(TokenRow).where(TokenRow.digest == _digest(token), TokenRow.revoked_at.is_(None))
            )
            return None if row is None else _holder(row)

    def sign_in(self, token: str, origin: Origin) -> str | None:
        """The secret of a new session for a browser's cookie; None when the token is no good."""
        holder = self.holder_of(token)
        if holder is None:
            return None
        secret, now = secrets.token_urlsafe(32), time.time()
        with self._database.write() as session:
            session.execute(delete(SessionRow).where(SessionRow.expires_at < now))
            session.add(
                SessionRow(digest=_digest(secret), token_id=holder.token_id, expires_at=now + self._session_seconds)
            )
            note(session, Origin(holder.name, origin.address), Action.SIGN_IN)
        return secret

    def signed_in(self, secret: str) -> Holder | None:
        """Who has signed in with this session; None when it has ended or its token has been revoked."""
        with self._database.read() as session:
            row = session.scalar(
                select(TokenRow)
                .join(SessionRow, SessionRow.token_id == TokenRow.id)
                .where(
                    SessionRow.digest == _digest(secret),
                    SessionRow.expires_at > time.time(),
                    TokenRow.revoked_at.is_(None),
                )
            )
            return None if row is None else _holder(row)

    def sign_out(self, secret: str) -> None:
        with self._database.write() as session:
            session.execute(delete(SessionRow).where(SessionRow.digest == _digest(secret)))


def form_key(secret: str) -> str:
    """What each form of a session's pages holds: another site's page cannot know it."""
    return _digest(f"form {secret}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _holder(row: TokenRow) -> Holder:
    return Holder(row.id, row.name, Role(row.role))
