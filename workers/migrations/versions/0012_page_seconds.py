"""The time that reading each page took, in a column of its own: to be added up without opening every reading."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEPT = {
    "sqlite": "json_extract(reading, '$.seconds')",
    "postgresql": "CAST(CAST(reading AS json) ->> 'seconds' AS double precision)",
}


def upgrade() -> None:
    op.add_column("readings", sa.Column("seconds", sa.Float(), nullable=True))
    op.execute(f"UPDATE readings SET seconds = {KEPT[op.get_bind().dialect.name]}")
    op.create_index("ix_readings_seconds", "readings", ["seconds"])


def downgrade() -> None:
    op.drop_index("ix_readings_seconds", "readings")
    op.drop_column("readings", "seconds")
