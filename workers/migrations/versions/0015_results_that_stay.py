"""How the reading ended that gave a result: a report that is read again in vain stands again as it stood."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("results", sa.Column("status", sa.String(length=16), server_default="succeeded", nullable=False))
    op.execute(
        "UPDATE results SET status = 'partial' WHERE report_id IN (SELECT id FROM reports WHERE status = 'partial')"
    )


def downgrade() -> None:
    op.drop_column("results", "status")
