"""Keys of batches: a batch whose answer was lost and that is sent again is one."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("key", sa.String(length=200), nullable=True))
    op.create_index("ix_batches_owner_key", "batches", ["owner", "key"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_batches_owner_key", "batches")
    op.drop_column("batches", "key")
