"""Access tokens, sessions, the audit log, and indexes for lists of all owners' reports."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = {
    "ix_reports_created": ["created_at", "id"],
    "ix_reports_year_created": ["year", "created_at", "id"],
    "ix_reports_status_created": ["status", "created_at", "id"],
    "ix_reports_validation_created": ["validation_status", "created_at", "id"],
}


def upgrade() -> None:
    op.drop_index("ix_reports_status_created", "reports")
    for name, columns in NEW.items():
        op.create_index(name, "reports", columns)
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("revoked_at", sa.Float(), nullable=True),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), primary_key=True),
        sa.Column("token_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["tokens.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_token", "sessions", ["token_id"])
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
    )
    op.create_index("ix_audit_report", "audit", ["report_id", "id"])
    op.create_index("ix_audit_name", "audit", ["name", "id"])


def downgrade() -> None:
    for table in ("audit", "sessions", "tokens"):
        op.drop_table(table)
    for name in NEW:
        op.drop_index(name, "reports")
    op.create_index("ix_reports_status_created", "reports", ["status", "created_at"])
