-- name: note_unseen
-- The key makes the warning one, however many workers meet the version at once.
INSERT INTO unseen_api_versions (api_version) VALUES (%(api_version)s)
ON CONFLICT DO NOTHING
RETURNING api_version
