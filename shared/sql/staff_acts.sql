-- name: begin
INSERT INTO staff_acts (staff_id, actor, act, reason)
VALUES (%(staff_id)s, %(actor)s, %(act)s, %(reason)s)
RETURNING id

-- name: add_items
-- In the order in which they are to be carried; what was refused beforehand has its outcome already.
INSERT INTO staff_act_items (act_id, position, name, row_id, series, outcome, state)
SELECT %(id)s, item.position, item.name, item.row_id, item.series, item.outcome, item.state
FROM unnest(
    %(names)s::text [], %(rows)s::bigint [], %(series)s::integer [], %(outcomes)s::text [], %(states)s::text []
) WITH ORDINALITY AS item (name, row_id, series, outcome, state, position)

-- name: find
SELECT id, staff_id, actor, act, reason, begun_at, ended_at, undone_at, undone_by, now() AS read_at
FROM staff_acts
WHERE id = %(id)s

-- name: lock
-- Two windows may go on with one act: the second waits here, and goes on where the first stopped.
SELECT id FROM staff_acts WHERE id = %(id)s AND ended_at IS NULL FOR UPDATE

-- name: next_items
SELECT position, name, row_id, series
FROM staff_act_items
WHERE act_id = %(id)s AND outcome IS NULL
ORDER BY position
LIMIT %(most)s

-- name: settle_items
UPDATE staff_act_items
SET outcome = done.outcome, state = done.state
FROM unnest(%(positions)s::integer [], %(outcomes)s::text [], %(states)s::text []) AS done (position, outcome, state)
WHERE staff_act_items.act_id = %(id)s AND staff_act_items.position = done.position

-- name: end
UPDATE staff_acts SET ended_at = now()
WHERE id = %(id)s AND NOT EXISTS (SELECT FROM staff_act_items WHERE act_id = %(id)s AND outcome IS NULL)

-- name: counts
SELECT outcome, count(*) AS items FROM staff_act_items WHERE act_id = %(id)s GROUP BY outcome ORDER BY items DESC, outcome

-- name: items
-- What was ticked was named by its row, `#7`: people know it by the id that Stripe gave it.
SELECT
    item.position, coalesce(events.event_id, item.name) AS name, coalesce(item.row_id, events.id) AS row_id,
    item.outcome, item.state
FROM staff_act_items AS item
LEFT JOIN events
    ON events.id = coalesce(item.row_id, CASE WHEN item.name ~ '^#[0-9]{1,18}$' THEN substr(item.name, 2)::bigint END)
WHERE item.act_id = %(id)s AND item.position > %(after)s AND (%(outcome)s::text IS NULL OR item.outcome = %(outcome)s)
ORDER BY item.position
LIMIT %(most)s

-- name: latest
SELECT id, staff_id, actor, act, reason, begun_at, ended_at, undone_at, undone_by, now() AS read_at
FROM staff_acts
WHERE %(unfinished_of)s::uuid IS NULL OR (staff_id = %(unfinished_of)s AND ended_at IS NULL)
ORDER BY begun_at DESC
LIMIT %(most)s

-- name: take_back
-- Within its time, and once: of two who undo it the second gets no row. What was carried waits for its turn again.
WITH taken AS (
    UPDATE staff_acts SET undone_at = now(), undone_by = %(actor)s, ended_at = NULL
    WHERE id = %(id)s AND act = 'discard' AND ended_at IS NOT NULL AND undone_at IS NULL
        AND ended_at > now() - make_interval(mins => %(minutes)s)
    RETURNING id
)
UPDATE staff_act_items SET outcome = NULL
FROM taken
WHERE staff_act_items.act_id = taken.id AND staff_act_items.outcome = 'discarded'
RETURNING staff_act_items.position

-- name: forget
DELETE FROM staff_acts WHERE begun_at < now() - make_interval(days => %(days)s)
