"""Everything, against a real Postgres and NATS."""
