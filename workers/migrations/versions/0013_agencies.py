"""Agencies and their names, the checks from each year to the next, an index of the words in reports, lists by form."""

import json
import re
import unicodedata
from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UNFILED = sa.text("name_id IS NULL AND agency IS NOT NULL AND validation_status IS NOT NULL")
PAIRS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE text_pairs USING fts5(pairs, content='', detail=none, columnsize=0, tokenize='ascii')"
    ],
    "postgresql": [
        "CREATE TABLE text_pairs"
        " (number integer PRIMARY KEY REFERENCES texts (number) ON DELETE CASCADE, pairs bigint[] NOT NULL)",
        # without the pending list, through which each question would have to go
        "CREATE INDEX ix_text_pairs_pairs ON text_pairs USING gin (pairs) WITH (fastupdate = off)",
        # knowing that a word is common, the planner would rather unpack every array than use the index
        "ALTER TABLE text_pairs ALTER COLUMN pairs SET STATISTICS 0",
    ],
}


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_agencies_owner_name", "agencies", ["owner", "name"])
    op.create_table(
        "agency_names",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bare", sa.String(length=200), nullable=False),
        sa.Column("kin", sa.String(length=200), nullable=False),
        sa.Column("under", sa.String(length=200), nullable=True),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("owner", "bare", name="uq_agency_names_owner_bare"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_agency_names_owner_kin", "agency_names", ["owner", "kin"])
    op.create_index("ix_agency_names_owner_under", "agency_names", ["owner", "under"])
    op.create_index("ix_agency_names_agency", "agency_names", ["agency_id"])
    op.create_table(
        "year_checks",
        sa.Column("later_id", sa.String(length=32), nullable=False),
        sa.Column("earlier_id", sa.String(length=32), nullable=False),
        sa.Column("checks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["later_id"], ["reports.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["earlier_id"], ["reports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("later_id"),
    )
    op.create_index("ix_year_checks_earlier", "year_checks", ["earlier_id"])
    op.add_column("reports", sa.Column("name_id", sa.Integer(), nullable=True))
    op.create_index("ix_reports_name_year", "reports", ["name_id", "year"])
    op.create_index("ix_reports_owner_form", "reports", ["owner", "form", "created_at", "id"])
    op.create_index("ix_reports_form_created", "reports", ["form", "created_at", "id"])
    op.create_index("ix_reports_unfiled", "reports", ["id"], sqlite_where=UNFILED, postgresql_where=UNFILED)
    op.create_table(
        "texts",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("report_id", name="uq_texts_report"),
        sqlite_autoincrement=True,
    )
    for statement in PAIRS[op.get_bind().dialect.name]:
        op.execute(statement)
    _index_words(op.get_bind())


def downgrade() -> None:
    op.execute("DROP TABLE text_pairs")
    op.drop_table("texts")
    for name in ("ix_reports_unfiled", "ix_reports_form_created", "ix_reports_owner_form"):
        op.drop_index(name, "reports")
    op.drop_index("ix_reports_name_year", "reports")
    op.drop_column("reports", "name_id")
    op.drop_table("year_checks")
    op.drop_table("agency_names")
    op.drop_table("agencies")


def _index_words(connection: sa.Connection) -> None:
    """As `workers.words` did when this was written."""
    postgresql = connection.dialect.name == "postgresql"
    ids = connection.execute(sa.text("SELECT id FROM reports ORDER BY created_at")).scalars().all()
    for number, report_id in enumerate(ids, 1):
        found = connection.execute(
            sa.text(
                "SELECT filename, title, agency, coalesce(decided, result) FROM reports"
                " LEFT JOIN results ON report_id = id WHERE id = :id"
            ),
            {"id": report_id},
        ).one()
        parts = [part for part in found[:3] if part]
        if report := json.loads(found[3] or "{}").get("report"):
            parts += [report["preamble"], *(s[key] for s in report["sections"] for key in ("heading", "text"))]
        lines = [_plain(line) for part in parts for line in part.splitlines()]
        words = "\n".join(filter(None, lines))
        connection.execute(
            sa.text("INSERT INTO texts (report_id, text) VALUES (:report, :words)"),
            {"report": report_id, "words": words},
        )
        pieces = {*words, *map("".join, pairwise(words))}
        codes = sorted(sum(ord(c) << 21 * n for n, c in enumerate(p[::-1])) for p in pieces if p.isalnum())
        connection.execute(
            sa.text(f"INSERT INTO text_pairs ({'number' if postgresql else 'rowid'}, pairs) VALUES (:number, :pairs)"),
            {"number": number, "pairs": codes if postgresql else " ".join(f"{code:x}" for code in codes)},
        )


def _plain(line: str) -> str:
    spaces = r"[\s\u200b\ufeff\xa0]+"
    return re.sub(spaces, "", unicodedata.normalize("NFKC", line)).replace("\0", "").lower()
