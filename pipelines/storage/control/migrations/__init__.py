"""Migrations of the control database, one file per version of the schema."""
