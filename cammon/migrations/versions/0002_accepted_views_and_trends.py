"""Accepted views, and hourly measures of pictures"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("reference") as table:
        table.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("accepted_by", sa.String(length=64), nullable=False, server_default=""))
    op.create_table(
        "picture_hour",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("light", sa.String(length=16), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("sharpness", sa.Float(), nullable=False),
        sa.Column("contrast", sa.Float(), nullable=False),
        sa.Column("luma", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("site", "camera", "hour", "light", name=op.f("pk_picture_hour")),
    )
    op.create_index("ix_picture_hour_age", "picture_hour", ["hour"])


def downgrade() -> None:
    op.drop_table("picture_hour")
    with op.batch_alter_table("reference") as table:
        table.drop_column("accepted_by")
        table.drop_column("accepted_at")
