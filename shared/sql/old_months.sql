-- name: drop
-- The oldest month of bodies that is over; none when every month is still needed.
SELECT month, moved FROM forget_body_month(%(days)s, %(most)s)
