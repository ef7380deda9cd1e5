"""The only users of SQLAlchemy, DuckDB files and Parquet paths. No step lives here, and no rule."""
