"""Accepted views that were turned against the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reference") as table:
        table.add_column(sa.Column("turned", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reference") as table:
        table.drop_column("turned")
