"""Tokens and sessions in the database."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text, update

from tests.bench import Bench
from workers.access import PREFIX, Access, AccessError, Role
from workers.audit import LOCAL
from workers.tables import SessionRow, TokenRow

HOUR = 3600.0


@pytest.fixture
def access(bench: Bench) -> Access:
    return Access(bench.database, HOUR)


def test_a_token_names_its_holder_and_nothing_else_does(access: Access) -> None:
    member, admin = access.create("科技局", Role.MEMBER, LOCAL), access.create("root", Role.ADMIN, LOCAL)
    found = access.holder_of(member)
    assert found and (found.name, found.role) == ("科技局", Role.MEMBER)
    assert access.holder_of(admin).role is Role.ADMIN  # type: ignore[union-attr]
    for wrong in ("", PREFIX, member[:-1], member + "x", member.upper(), found.token_id):
        assert access.holder_of(wrong) is None


def test_neither_tokens_nor_secrets_are_in_the_database(access: Access, bench: Bench) -> None:
    token = access.create("a", Role.MEMBER, LOCAL)
    secret = access.sign_in(token, LOCAL)
    assert secret
    with bench.database.read() as session:
        rows = [*session.execute(select(TokenRow.__table__)), *session.execute(select(SessionRow.__table__))]
        rows += session.execute(text("SELECT * FROM audit"))
    kept = repr(rows)
    assert len(rows) == 4 and token not in kept and token.removeprefix(PREFIX) not in kept and secret not in kept


def test_a_revoked_token_and_its_sessions_are_no_good(access: Access) -> None:
    token, other = access.create("a", Role.MEMBER, LOCAL), access.create("a", Role.MEMBER, LOCAL)
    secret, kept = access.sign_in(token, LOCAL), access.sign_in(other, LOCAL)
    assert secret and kept and access.signed_in(secret)
    token_id = access.holder_of(token).token_id  # type: ignore[union-attr]
    access.revoke(token_id, LOCAL)
    assert access.holder_of(token) is None and access.signed_in(secret) is None
    assert access.sign_in(token, LOCAL) is None
    assert access.signed_in(kept)
    with pytest.raises(AccessError, match="no token"):
        access.revoke(token_id, LOCAL)


def test_a_session_ends_when_it_is_signed_out_or_too_old(access: Access, bench: Bench) -> None:
    token = access.create("a", Role.MEMBER, LOCAL)
    first, second = access.sign_in(token, LOCAL), access.sign_in(token, LOCAL)
    assert first and second
    access.sign_out(first)
    assert access.signed_in(first) is None and access.signed_in(second)
    with bench.database.write() as session:
        session.execute(update(SessionRow).values(expires_at=SessionRow.expires_at - HOUR - 1))
    assert access.signed_in(second) is None
    access.sign_in(token, LOCAL)
    with bench.database.read() as session:
        assert len(session.scalars(select(SessionRow.digest)).all()) == 1, "old sessions are swept"


def test_revoking_the_last_token_does_not_open_the_service(access: Access, bench: Bench) -> None:
    assert not access.closed() and not access.has_tokens()
    access.create("a", Role.MEMBER, LOCAL)
    assert access.closed() and access.has_tokens()
    access.revoke(access.tokens()[0].id, LOCAL)
    assert not access.has_tokens()
    assert access.closed() and Access(bench.database, HOUR).closed()
    assert access.tokens()[0].revoked_at is not None


@pytest.mark.parametrize("name", ["", "a b", "a\n", "x" * 33, "a/b", "a'--"])
def test_names_are_short_and_plain(access: Access, name: str) -> None:
    with pytest.raises(AccessError, match="cannot be a name"):
        access.create(name, Role.MEMBER, LOCAL)
    assert not access.closed()
