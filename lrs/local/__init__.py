"""The local servers: Postgres, NATS and the workers as child processes of one command."""
