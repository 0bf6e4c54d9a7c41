-- name: make_role
-- No superuser: those are let in however few connections there may be.
CREATE ROLE caller LOGIN PASSWORD 'bench'

-- name: give_database
ALTER DATABASE access OWNER TO caller

-- name: leave_no_connection
ALTER ROLE caller CONNECTION LIMIT 0

-- name: leave_connections
ALTER ROLE caller CONNECTION LIMIT -1

-- name: refuse
ALTER DATABASE access WITH ALLOW_CONNECTIONS false

-- name: accept
ALTER DATABASE access WITH ALLOW_CONNECTIONS true

-- name: send_away
-- A limit counts for new connections only.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'access'
