"""Alembic's entry: migrates over the connection that ``engine.migrate`` hands over, inside its transaction."""

from alembic import context

from pipelines.storage.control.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
