"""Agencies and the names that they are known under, and the checks from each year to the next."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


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


def downgrade() -> None:
    op.drop_index("ix_reports_name_year", "reports")
    op.drop_column("reports", "name_id")
    op.drop_table("year_checks")
    op.drop_table("agency_names")
    op.drop_table("agencies")
