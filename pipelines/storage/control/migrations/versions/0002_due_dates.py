"""Keep every due date of a case: each event says by when the owner had to answer after it. Events from before have none."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; the triggers that refuse changes stay."""
    op.execute("ALTER TABLE case_events ADD COLUMN due_on DATE")
