#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the role and the database of the application. The role rules its
# own database and nothing else. The others own nothing; `carelane migrate` gives each what its process needs.
set -eu
# By standard input and a variable: a password on a command line can be read by every process of the container.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password CARELANE_DATABASE_PASSWORD
CREATE ROLE carelane LOGIN PASSWORD :'password';
\getenv webhook CARELANE_WEBHOOK_DATABASE_PASSWORD
\getenv app CARELANE_APP_DATABASE_PASSWORD
\getenv stream CARELANE_STREAM_DATABASE_PASSWORD
\getenv worker CARELANE_WORKER_DATABASE_PASSWORD
\getenv relay CARELANE_RELAY_DATABASE_PASSWORD
\getenv deliver CARELANE_DELIVER_DATABASE_PASSWORD
\getenv auditor CARELANE_AUDITOR_DATABASE_PASSWORD
CREATE ROLE carelane_webhook LOGIN PASSWORD :'webhook';
CREATE ROLE carelane_app LOGIN PASSWORD :'app';
CREATE ROLE carelane_stream LOGIN PASSWORD :'stream';
CREATE ROLE carelane_worker LOGIN PASSWORD :'worker';
CREATE ROLE carelane_relay LOGIN PASSWORD :'relay';
CREATE ROLE carelane_deliver LOGIN PASSWORD :'deliver';
CREATE ROLE carelane_auditor LOGIN PASSWORD :'auditor';
CREATE DATABASE carelane OWNER carelane;
REVOKE ALL ON DATABASE carelane FROM PUBLIC;
SQL
