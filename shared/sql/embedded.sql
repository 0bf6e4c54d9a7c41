-- What `carelane up` makes in the PostgreSQL that it starts itself.

-- name: find_role
SELECT FROM pg_roles WHERE rolname = 'carelane'

-- name: make_role
-- Rules its own database and nothing else.
CREATE ROLE carelane LOGIN PASSWORD %(password)s

-- name: renew_password
ALTER ROLE carelane LOGIN PASSWORD %(password)s

-- name: find_process_role
SELECT FROM pg_roles WHERE rolname = %(role)s

-- name: make_process_role
-- What it may do is given by the migrator (grants.sql).
CREATE ROLE {role} LOGIN PASSWORD {password}

-- name: renew_process_password
ALTER ROLE {role} LOGIN PASSWORD {password}

-- name: find_database
SELECT FROM pg_database WHERE datname = 'carelane'

-- name: make_database
CREATE DATABASE carelane OWNER carelane

-- name: log_files
SELECT FROM pg_ls_waldir()

-- name: use_up_a_file
-- From an empty one PostgreSQL goes on to no other.
SELECT pg_logical_emit_message(false, 'carelane', 'room'), pg_switch_wal()

-- name: checkpoint
CHECKPOINT
