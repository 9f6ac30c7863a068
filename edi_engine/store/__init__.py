"""The store: what `flow.ports` asks for, on SQLite and on PostgreSQL, with SQLAlchemy Core."""
