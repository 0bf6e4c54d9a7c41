-- name: apply
-- What each process may do in the database, given anew after every migration. A role that was not made is left out: then
-- its process works as the owner. The doors for Stripe and for streams, who delivers, and the auditor are given what they
-- need and nothing else; the three that work with nearly all tables are given all but the locked ones, and of those what
-- is named.
DO $$
DECLARE
    who text;
    what text;
    tables text;
    -- With another address of an endpoint, notices would go to somebody else.
    locked CONSTANT text [] := '{audit,audit_links,audit_unsealed,data_keys,event_bodies,schema_migrations,'
        'callback_endpoints,callback_secrets,callback_deliveries,outbox,outbox_hours,event_hours}';
    -- Who calls and who signs in is the application door's concern alone.
    doors CONSTANT text [] := '{service_tokens,break_glass}';
    working CONSTANT text [] := '{carelane_app,carelane_relay,carelane_worker}';
BEGIN
    FOR who IN
        SELECT rolname FROM pg_roles
        WHERE rolname IN (
            'carelane_webhook', 'carelane_app', 'carelane_stream', 'carelane_worker', 'carelane_relay',
            'carelane_deliver', 'carelane_auditor'
        )
    LOOP
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), who);
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', who);
        IF who = ANY(working) THEN
            -- Not on partitions: rights on their parent suffice, and what is locked there stays locked here.
            FOR tables IN
                SELECT format('%I', relname) FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
                    AND relname <> ALL(locked)
                    AND (who = 'carelane_app' OR (relname <> ALL(doors) AND NOT starts_with(relname::text, 'staff')))
            LOOP
                EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', tables, who);
            END LOOP;
        END IF;
    END LOOP;
    FOR who, what, tables IN
        SELECT given.role, given.privileges, given.relations
        FROM (VALUES
            ('carelane_webhook', 'SELECT (id, event_id, account, livemode, received_at, lane, urgency, body_hash, source, state), '
                'INSERT, UPDATE (nudged_at)', 'events'),
            ('carelane_webhook', 'INSERT', 'event_bodies, deliveries, data_keys'),
            ('carelane_webhook', 'SELECT (customer_hash, user_id)', 'customers'),
            ('carelane_webhook', 'SELECT (user_id, resolved_at)', 'crises'),
            ('carelane_webhook', 'SELECT (user_id, ends_at)', 'emergency_access'),
            ('carelane_webhook', 'SELECT (user_id, grace_until)', 'access_told'),
            ('carelane_app', 'SELECT', 'audit'),
            ('carelane_app', 'SELECT (event_row, received_at)', 'event_bodies'),
            ('carelane_app', 'INSERT', 'data_keys'),
            ('carelane_app', 'SELECT (position)', 'audit_links'),
            ('carelane_app', 'SELECT (at)', 'audit_unsealed'),
            ('carelane_app', 'SELECT', 'callback_endpoints, callback_deliveries, outbox, outbox_hours, event_hours'),
            ('carelane_stream', 'SELECT (token_hash, name, scopes, expires_at, revoked_at)', 'service_tokens'),
            ('carelane_stream', 'SELECT (id, position, kind, recipient, data, told_at)', 'notices'),
            ('carelane_stream', 'SELECT', 'outbox, outbox_hours, devices'),
            ('carelane_stream', 'SELECT (user_id, creator_id, safety_plan_ref, emergency_contacts_ref, grace_days)',
                'people'),
            ('carelane_stream', 'SELECT (customer_hash, user_id)', 'customers'),
            ('carelane_stream', 'SELECT (id, kind, subject_id, account, status, state, latest_at, customer_hash)',
                'subjects'),
            ('carelane_stream', 'SELECT (subject_row, position, to_status, occurred_at)', 'transitions'),
            ('carelane_stream', 'SELECT (user_id, severity, opened_at, resolved_at, access_level, tier)', 'crises'),
            ('carelane_stream', 'SELECT (user_id, level, tier, ends_at)', 'emergency_access'),
            ('carelane_stream', 'SELECT (payout_id, creator_id, stripe_account_id, registered_at)', 'payouts'),
            ('carelane_worker', 'SELECT, INSERT', 'data_keys'),
            ('carelane_worker', 'SELECT', 'audit'),
            ('carelane_worker', 'SELECT, INSERT, DELETE', 'event_bodies'),
            ('carelane_worker', 'SELECT, DELETE', 'callback_deliveries, outbox_hours'),
            ('carelane_worker', 'SELECT, INSERT, UPDATE, DELETE', 'event_hours'),
            ('carelane_worker', 'SELECT, UPDATE', 'staff_looks'),
            ('carelane_worker', 'SELECT, UPDATE (taken_at, ended_at, refused, known, compared, findings)',
                'staff_comparisons'),
            -- The day's report and the self-check are the workers' too.
            ('carelane_worker', 'SELECT', 'callback_endpoints, outbox, schema_migrations'),
            ('carelane_worker', 'SELECT (position)', 'audit_links'),
            ('carelane_worker', 'SELECT (at)', 'audit_unsealed'),
            ('carelane_relay', 'SELECT', 'audit'),
            ('carelane_relay', 'SELECT, INSERT', 'audit_links'),
            ('carelane_relay', 'SELECT, DELETE', 'audit_unsealed'),
            ('carelane_deliver', 'SELECT (id, cause, kind, recipient, about, data, position, told_at, because, trace), '
                'INSERT, UPDATE (position, told_at)', 'notices'),
            ('carelane_deliver', 'SELECT, UPDATE (newest)', 'outbox'),
            ('carelane_deliver', 'SELECT, INSERT', 'outbox_hours'),
            ('carelane_deliver', 'SELECT, UPDATE (handed_position, failures, failing_since, paused_until, disabled_at, '
                'disabled_because)', 'callback_endpoints'),
            ('carelane_deliver', 'SELECT', 'callback_secrets'),
            ('carelane_deliver', 'SELECT, INSERT, UPDATE (attempts, fence, claimed_by, lease_until, first_tried_at, '
                'next_attempt_at, reason, ended_at, outcome)', 'callback_deliveries'),
            ('carelane_auditor', 'SELECT', 'audit, audit_links, audit_unsealed, schema_migrations')
        ) AS given (role, privileges, relations)
        JOIN pg_roles ON pg_roles.rolname = given.role
    LOOP
        EXECUTE format('GRANT %s ON %s TO %I', what, tables, who);
    END LOOP;
    -- Neither a record's number nor its time: with a number that is taken nothing could be linked any more.
    FOR who IN
        SELECT rolname FROM pg_roles
        WHERE rolname IN (
            'carelane_webhook', 'carelane_app', 'carelane_worker', 'carelane_relay', 'carelane_deliver', 'carelane_auditor'
        )
    LOOP
        EXECUTE format('GRANT INSERT (actor, act, object, reason, before, after) ON audit TO %I', who);
    END LOOP;
    -- Tables are made and dropped by their owner; the workers' upkeep may ask for the coming months, for the end of those
    -- that are over, and for the planner's figures, and for nothing else.
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'carelane_worker') THEN
        GRANT EXECUTE ON FUNCTION ensure_partitions (regclass, text, integer) TO carelane_worker;
        GRANT EXECUTE ON FUNCTION forget_body_month (integer, integer) TO carelane_worker;
        GRANT EXECUTE ON FUNCTION refresh_statistics () TO carelane_worker;
    END IF;
END $$
