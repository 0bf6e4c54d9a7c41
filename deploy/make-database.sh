#!/bin/sh
# Run once by PostgreSQL's image on an empty volume: the role and the database of the application. The role rules its
# own database and nothing else.
set -eu
# By standard input and a variable: a password on a command line can be read by every process of the container.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password CARELANE_DATABASE_PASSWORD
CREATE ROLE carelane LOGIN PASSWORD :'password';
CREATE DATABASE carelane OWNER carelane;
REVOKE ALL ON DATABASE carelane FROM PUBLIC;
SQL
