-- name: events
-- As the walk leaves them in the main: most ended well, one in two hundred died, one in a thousand waits.
INSERT INTO events (
    event_id, type, livemode, account, object_kind, object_id, customer_hash, body_hash, body_bytes, secret_name, lane,
    lane_reason, urgency, state, occurred_at, received_at, settled_at, reason_class, reason_code, reason_path,
    reason_message, api_version
)
SELECT
    'evt_1Q' || n || 'abcdefghijklmnop',
    (ARRAY[
        'invoice.payment_succeeded', 'invoice.payment_failed', 'customer.subscription.updated', 'charge.succeeded',
        'payout.paid'
    ])[1 + n %% 5],
    true, CASE WHEN n %% 10 = 0 THEN 'acct_' || n %% 500 END, 'invoice', 'in_1Q' || n / 4,
    decode(md5((n %% 50000)::text), 'hex'), decode(md5(n::text), 'hex'), 812, 'platform',
    CASE WHEN n %% 20 = 0 THEN 'crisis' ELSE 'standard' END, 'standard', CASE WHEN n %% 20 = 0 THEN 10 ELSE 0 END,
    made.state, made.at, made.at, CASE WHEN made.state <> 'received' THEN made.at + interval '120 ms' END,
    CASE made.state WHEN 'dead' THEN 'invalid' WHEN 'ignored' THEN 'ignored' END,
    CASE made.state WHEN 'dead' THEN 'schema' WHEN 'ignored' THEN 'livemode' END,
    CASE made.state WHEN 'dead' THEN 'data.object.id' END, CASE made.state WHEN 'dead' THEN 'is required' END,
    '2026-10-28.endive'
FROM generate_series(1, %(kept)s) AS n
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN n %% 200 = 0 THEN 'dead'
            WHEN n %% 1000 = 1 THEN 'received'
            WHEN n %% 50 = 2 THEN 'ignored'
            ELSE 'processed'
        END AS state,
        now() - (%(kept)s + 1 - n) * interval '2 s' AS at
) AS made

-- name: audit
INSERT INTO audit (actor, act, object, after)
SELECT 'worker', 'subject.transition', 'subject:' || n %% 100000, '{"to": "active"}'
FROM generate_series(1, %(kept)s) AS n

-- name: people
INSERT INTO people (user_id) SELECT 'user-' || n FROM generate_series(1, 1000) AS n

-- name: customers
INSERT INTO customers (customer_hash, user_id)
SELECT decode(md5(n::text), 'hex'), 'user-' || n FROM generate_series(1, 1000) AS n

-- name: payouts
INSERT INTO payouts (payout_id, livemode, creator_id, stripe_account_id, amount_minor, currency)
SELECT 'owed-' || n, true, 'creator-' || n %% 1000, 'acct_' || n %% 500, 100, 'usd'
FROM generate_series(1, %(kept)s / 10) AS n

-- name: owed
INSERT INTO subjects (kind, subject_id, account, livemode, status, state)
SELECT
    'owed_payout', 'owed-' || n, 'acct_' || n %% 500, true,
    CASE WHEN n %% 100 = 0 THEN 'PROCESSING' ELSE 'COMPLETED' END,
    jsonb_build_object('status_since', '2026-01-01T00:00:00+00:00')
FROM generate_series(1, %(kept)s / 10) AS n

-- name: accounts
INSERT INTO subjects (kind, subject_id, account, livemode, status, state)
SELECT
    'account', 'acct_' || n, 'acct_' || n, true, CASE WHEN n %% 10 = 0 THEN 'restricted' ELSE 'completed' END, '{}'
FROM generate_series(1, 5000) AS n

-- name: somebody
INSERT INTO staff (name, role, created_by, password_hash, totp_sealed, enrolled_at)
VALUES (%(role)s, %(role)s, 'bench', 'x', 'x', now())
RETURNING id

-- name: tidy
VACUUM (ANALYZE)
