"""Cases of the fault matrix that other tests show already: `make chaos` runs those too, and the table names them.

python -m tests.chaos.elsewhere prints them for pytest's command line.
"""

from typing import NamedTuple


class Shown(NamedTuple):
    number: str
    test: str
    injected: str
    expected: str


EDGE = "tests/integration/webhook/test_edge.py::test_"
INBOX = "tests/integration/shared/test_inbox.py::test_"
POOL = "tests/integration/shared/test_db.py::test_"
PROCESS = "tests/integration/workers/test_process.py::test_"
SWEEP = "tests/integration/workers/test_sweep.py::test_"
GUARDS = "tests/integration/workers/test_guards.py::test_"
KEYS = "tests/integration/privacy/test_keys.py::test_"
TRAIL = "tests/integration/trail/test_chain.py::test_"
SIGNATURE = "tests/unit/webhook/test_signature.py::test_"
LIFE = "tests/acceptance/test_life.py::test_"
WALK = "tests/acceptance/test_walk.py::test_"
POSITIONS = "tests/integration/outbox/test_positions.py::test_"
CALLBACKS = "tests/integration/callbacks/test_"
STRIPE = "tests/integration/stripe/test_"
BACKUP = "tests/integration/backup/test_backup.py::test_"
MIGRATIONS = "tests/integration/shared/test_migrations_beside_traffic.py::test_"
DOCTOR = "tests/integration/doctor/test_"
RED_TEAM = "tests/integration/red_team/test_red_team.py::test_"
CONSOLE = "tests/integration/staff/test_console.py::test_"
SIGN_IN = "tests/integration/staff/test_sign_in.py::test_"

SHOWN_BY = tuple(
    Shown(*parts)
    for parts in (
        (
            "5",
            PROCESS + "a_zombie_meets_the_fence_and_its_work_is_rolled_back",
            "a commit after the claim was given to another",
            "0 rows: rolled back",
        ),
        ("5", LIFE + "what_is_frozen_is_killed_and_comes_back", "processes frozen for good", "ended, started again"),
        (
            "5",
            LIFE + "a_worker_whose_child_is_frozen_ends_itself_and_the_event_settles",
            "a worker's idle child frozen for good",
            "the worker ends itself; the event settles",
        ),
        (
            "13",
            INBOX + "where_a_commit_does_not_mean_kept_the_door_is_not_ready",
            "synchronous_commit off",
            "the door is not ready",
        ),
        (
            "13",
            DOCTOR + "database.py::test_a_commit_that_may_be_lost_is_a_fault",
            "synchronous_commit off for the database",
            "`carelane doctor` says so",
        ),
        ("14", POOL + "the_loser_of_a_deadlock_may_try_again", "a deadlock", "the loser tries again"),
        (
            "20",
            DOCTOR + "broker.py::test_an_eviction_that_loses_messages_is_a_fault",
            "a broker that evicts",
            "`carelane doctor` says so",
        ),
        (
            "23",
            INBOX + "another_body_under_the_same_id_is_audited_and_the_first_is_kept",
            "one id with two bodies",
            "the first is kept, the other audited",
        ),
        (
            "24",
            "tests/unit/rules/test_fold.py::test_neither_order_nor_repetition_changes_anything",
            "histories in any order, any of it repeated (property)",
            "one final state",
        ),
        (
            "24",
            "tests/integration/workers/test_any_order_together.py::test_overlapping_messages_end_as_in_true_order",
            "histories mixed in overlapping messages, carried by two workers at once (property)",
            "the states, histories and notices of the true order",
        ),
        (
            "30",
            EDGE + "ten_megabytes_are_refused_and_the_client_can_read_why",
            "a body of 10 MB, by length and by chunks",
            "413 both times, nothing kept",
        ),
        (
            "31",
            EDGE + "forty_slow_bodies_do_not_delay_a_good_request",
            "40 bodies that do not end",
            "good requests are answered 200",
        ),
        (
            "31",
            RED_TEAM + "a_hundred_slow_connections_do_not_keep_an_event_out",
            "100 connections with half a header or half a body, at the real door",
            "events are kept meanwhile",
        ),
        (
            "32",
            EDGE + "a_body_that_is_no_event_gets_401_unsigned_and_is_kept_signed",
            "bodies that are no event: bad UTF-8, NUL, depth, NaN",
            "401 unsigned; 200 and kept signed",
        ),
        ("33", SIGNATURE + "a_malformed_header_is_invalid", "malformed signature headers", "refused"),
        (
            "33",
            SIGNATURE + "no_header_made_up_by_chance_is_accepted_or_raises",
            "signature headers made up by chance (property)",
            "refused, never an error",
        ),
        (
            "33",
            RED_TEAM + "every_bad_request_to_the_webhook_door_is_refused_and_changes_nothing",
            "the red team's list, at the real webhook door",
            "each its refusal; nothing changed",
        ),
        (
            "33",
            RED_TEAM + "every_bad_call_to_the_application_door_is_refused_and_changes_nothing",
            "the red team's list, at the real application door and its console",
            "each its refusal; nothing changed",
        ),
        (
            "33",
            RED_TEAM + "a_flood_is_told_so_and_what_is_signed_comes_through_it",
            "a flood of unsigned requests, and a signed one from the same source",
            "429, and 200",
        ),
        (
            "34",
            "tests/unit/shared/test_config.py::test_a_secret_that_could_be_guessed_stops_the_start",
            "an empty, short or `None` secret",
            "no start",
        ),
        (
            "36",
            KEYS + "a_rotation_that_was_stopped_goes_on_where_it_was_and_all_opens_at_every_moment",
            "a rotation of the readers' key stopped after a hundred of 250 keys",
            "all opens at every moment; the next run does the rest",
        ),
        (
            "36",
            KEYS + "a_body_whose_readers_key_is_elsewhere_waits_and_is_carried_when_that_is_here",
            "a worker with another private key",
            "the event waits, and is carried when the key is here",
        ),
        (
            "37",
            KEYS + "a_body_that_was_touched_is_a_dead_letter_that_is_raised",
            "bits, nonces, bodies and data keys changed, swapped or removed",
            "dead, `integrity`, audited and noticed",
        ),
        ("37", PROCESS + "an_unreadable_body_is_a_dead_letter", "a sealed body changed", "dead, with its reason"),
        (
            "37",
            PROCESS + "a_body_swapped_with_anothers_is_a_dead_letter",
            "two sealed bodies swapped",
            "dead, `integrity`",
        ),
        (
            "38",
            TRAIL + "whatever_is_done_to_the_trail_is_named",
            "records and links changed, removed, inserted, exchanged, cut off past every trigger",
            "each is named, and nothing else",
        ),
        (
            "38",
            TRAIL + "a_chain_that_was_written_anew_as_a_whole_contradicts_its_anchors",
            "the chain written anew to its end",
            "the anchor contradicts it",
        ),
        (
            "39",
            PROCESS + "what_nobody_handles_is_ignored_with_its_reason",
            "unknown types and thin events",
            "ignored, with the reason",
        ),
        ("39", PROCESS + "the_other_livemode_is_ignored", "the other livemode", "ignored, with the reason"),
        (
            "40",
            PROCESS + "a_broken_payload_is_a_dead_letter_with_the_path",
            "a broken payload",
            "dead at once, with the path",
        ),
        (
            "42",
            SWEEP + "two_sweeps_at_once_nudge_and_rescue_each_event_once",
            "sweeps at once, by 4 threads",
            "each event nudged and rescued once",
        ),
        (
            "43",
            LIFE + "a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand",
            "a worker asked to stop in the middle of a task",
            "the task is finished",
        ),
        (
            "44",
            LIFE + "a_rolling_restart_under_load_loses_nothing_and_answers_nothing_but_200",
            "a rolling restart of every process, under load",
            "no answer but 200, all settled",
        ),
        (
            "50",
            BACKUP + "what_was_destroyed_is_back_as_it_was_at_the_time_asked_for",
            "the data destroyed after a person's mistake",
            "back at the moment before it; no number known outside is given again",
        ),
        (
            "50",
            BACKUP + "without_a_time_it_is_back_with_all_that_was_archived_and_all_that_its_old_disk_still_holds",
            "the server lost, its disk still readable",
            "back with every commit",
        ),
        (
            "50",
            TRAIL + "a_database_of_a_backup_goes_on_from_where_it_stands_and_only_where_our_key_says_so",
            "a trail that goes on from a backup, behind its anchors",
            "whole where our key has signed it; named `rewritten` where not",
        ),
        (
            "51",
            MIGRATIONS + "a_lock_that_is_not_to_be_had_fails_cleanly_and_lets_traffic_pass",
            "a table held by a long transaction while it is migrated",
            "fails cleanly, traffic goes on; works when tried again",
        ),
        (
            "52",
            CONSOLE + "a_forged_form_does_nothing",
            "forms from other sites, without and with a foreign token",
            "403, nothing done",
        ),
        (
            "52",
            CONSOLE + "a_session_planted_before_the_sign_in_opens_nothing_after_it",
            "a session planted before the sign-in",
            "opens nothing after it",
        ),
        (
            "52",
            CONSOLE + "each_role_reaches_what_it_may_and_nothing_else",
            "every role at every act",
            "as the table says, refusals audited",
        ),
        (
            "52",
            SIGN_IN + "many_guesses_at_the_same_moment_are_no_more_than_the_few",
            "guesses of a password, many at once",
            "few are looked at, then 429",
        ),
        (
            "52",
            CONSOLE + "what_is_typed_comes_back_as_text",
            "markup in what is typed",
            "shown as text",
        ),
        ("53", POOL + "a_pool_refuses_to_serve_a_forked_child", "a pool used after a fork", "refused"),
        (
            "29",
            STRIPE + "thin.py::test_however_long_stripe_is_away_no_event_dies_of_it",
            "Stripe answers 429, 500 or nonsense, thirty attempts long",
            "the breaker opens after five requests; the event waits, and ends when Stripe is back",
        ),
        (
            "29",
            STRIPE + "client.py::test_an_outage_opens_the_breaker_and_a_look_after_its_rest_closes_it",
            "every request fails, by 429, 500, nonsense, half an answer or silence",
            "four requests of ten calls; one look after the rest closes the breaker",
        ),
        (
            "47",
            STRIPE + "backfill.py::test_a_reading_that_breaks_off_is_gone_on_with_at_its_page",
            "the list of events breaks off by 429, 500, nonsense, half a page or silence",
            "the cursor stands; read on at that page, nothing twice",
        ),
        (
            "47",
            STRIPE + "reconcile.py::test_a_run_that_breaks_off_is_gone_on_with",
            "a reconciliation breaks off in the middle",
            "gone on with at that page",
        ),
        (
            "47",
            STRIPE + "upkeep.py::test_a_slow_stripe_holds_a_worker_for_a_few_seconds_and_is_gone_on_with",
            "a slow Stripe",
            "slices of the set length, all read in the end",
        ),
        (
            "48",
            STRIPE + "healing.py::test_a_disturbed_run_ends_as_an_undisturbed_one",
            "1 % of 10,000 deliveries lost, 5 % twice, all shuffled, the door shut for ten minutes, some never made",
            "the same states as undisturbed; what was mended is told",
        ),
        (
            "48",
            STRIPE + "backfill.py::test_what_is_delivered_after_all_is_no_conflict",
            "an event delivered after it was backfilled",
            "one row, a duplicate and no conflict",
        ),
        (
            "49",
            STRIPE + "healing.py::test_three_days_without_a_door_end_as_if_there_had_been_one",
            "no delivery for three days",
            "all brought, the same states and histories",
        ),
        (
            "55",
            "tests/acceptance/test_broker_order.py::test_a_pickle_is_refused_and_its_worker_serves_on",
            "a pickled message at the broker",
            "not executed; the worker serves on",
        ),
        (
            "56",
            WALK + "no_mark_from_a_payload_reaches_a_log_the_broker_or_a_metric",
            "marks in good, broken and unsigned payloads",
            "in no log, no message, no metric",
        ),
        (
            "fuzz",
            "tests/integration/api/test_contract.py::test_no_call_ends_in_a_fault_or_in_an_answer_that_is_not_told",
            "each call of the application door, by 400 requests that Schemathesis makes up",
            "an answer that its description tells, never a fault",
        ),
        (
            "flood",
            GUARDS + "the_flood_is_parked_and_other_types_go_on",
            "a flood of dead letters of one type",
            "the type is parked, others go on",
        ),
        (
            "58",
            POSITIONS + "what_commits_late_is_told_late_and_missed_by_nobody",
            "a transaction that owes first and commits last",
            "told last; no reader misses it",
        ),
        (
            "58",
            CALLBACKS + "ledger.py::test_a_claim_whose_sender_died_is_taken_over_and_the_late_one_settles_nothing",
            "a sender of callbacks that dies, or wakes up late",
            "sent by another; the late one settles nothing",
        ),
        (
            "59",
            CALLBACKS + "post.py::test_what_a_receiver_does_is_told_in_a_word",
            "a receiver that hangs, drips, pours, babbles, closes, redirects or answers 500",
            "ended in time, failed for that reason, nothing followed",
        ),
        (
            "59",
            CALLBACKS + "post.py::test_a_name_is_looked_up_once_so_that_it_cannot_become_another_meanwhile",
            "a name that leads to a private address when it is asked again",
            "asked once; the checked address is called",
        ),
    )
)


def main():
    for test in sorted({case.test for case in SHOWN_BY}):
        print(test)  # noqa: T201 - for a command line


if __name__ == "__main__":
    main()
