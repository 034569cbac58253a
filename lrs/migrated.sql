-- name: migrated
-- Roles are the cluster's: after a move to another one the tables may be there without the role.
-- Not to_regclass: that refuses whoever may not look into the schema, and what is wrong then is something else.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %(role)s)
   AND EXISTS (SELECT FROM pg_tables WHERE schemaname = %(schema)s AND tablename = 'migrations')
