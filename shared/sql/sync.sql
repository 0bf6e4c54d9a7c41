-- name: latest
-- The last state of each entity that this device was meant to hear of between two positions.
SELECT DISTINCT ON (data ->> 'entity') position, data, told_at
FROM notices
WHERE recipient = %(recipient)s AND position > %(after)s AND position <= %(upto)s AND kind = %(kind)s
    AND (data -> 'targets' = '"all"'::jsonb OR data -> 'targets' ? %(device_id)s)
ORDER BY data ->> 'entity', position DESC
