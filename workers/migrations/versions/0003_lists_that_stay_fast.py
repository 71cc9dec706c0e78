"""Indexes for each way to list reports, for claims, and for parts of titles, agencies and file names."""

from itertools import pairwise

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HELD = sa.text("claim IS NOT NULL")
NEW = {
    "ix_reports_owner_created": ("reports", ["owner", "created_at", "id"]),
    "ix_reports_owner_year": ("reports", ["owner", "year", "created_at", "id"]),
    "ix_reports_owner_status": ("reports", ["owner", "status", "created_at", "id"]),
    "ix_reports_owner_validation": ("reports", ["owner", "validation_status", "created_at", "id"]),
    "ix_failed_checks_check": ("failed_checks", ["check_id", "report_id"]),
    "ix_idempotency_keys_report": ("idempotency_keys", ["report_id"]),
}
OLD = {
    "ix_reports_owner_created": ("reports", ["owner", "created_at"]),
    "ix_failed_checks_check": ("failed_checks", ["check_id"]),
}


def upgrade() -> None:
    for name, (table, _) in OLD.items():
        op.drop_index(name, table)
    for name, (table, columns) in NEW.items():
        op.create_index(name, table, columns)
    for table in ("reports", "pages"):
        op.create_index(f"ix_{table}_claim", table, ["claim"], sqlite_where=HELD, postgresql_where=HELD)
    grams = op.create_table(
        "grams",
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("gram", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report_id", "gram"),
        sqlite_with_rowid=False,
    )
    reports = sa.table("reports", *(sa.column(name) for name in ("id", "filename", "title", "agency")))
    connection = op.get_bind()
    for rows in connection.execute(sa.select(reports)).partitions(1000):
        if values := [{"report_id": id_, "gram": pair} for id_, *texts in rows for pair in _pairs(texts)]:
            connection.execute(sa.insert(grams), values)
    op.create_index("ix_grams_gram", "grams", ["gram", "report_id"])


def downgrade() -> None:
    op.drop_table("grams")
    for table in ("reports", "pages"):
        op.drop_index(f"ix_{table}_claim", table)
    for name, (table, _) in NEW.items():
        op.drop_index(name, table)
    for name, (table, columns) in OLD.items():
        op.create_index(name, table, columns)


def _pairs(texts: list[str | None]) -> set[str]:
    """As `workers.grams` made them when this was written."""
    lower = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    form = "政府信息公开工作年度报告"
    everywhere = set(map("".join, pairwise(form)))
    found = (text.translate(lower) for text in texts if text)
    return {pair for text in found for pair in map("".join, pairwise(text))} - everywhere
