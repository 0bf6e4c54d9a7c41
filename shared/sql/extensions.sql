-- name: leave_as_found
-- A handler shares the worker's connection: whatever it set goes back to what the connection was opened with.
RESET ALL
