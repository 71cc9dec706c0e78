"""What ended the last try of a report or a page, where it broke off."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("reports", "pages"):
        op.add_column(table, sa.Column("broke", sa.String(length=16), nullable=True))


def downgrade() -> None:
    for table in ("reports", "pages"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_column("broke")
