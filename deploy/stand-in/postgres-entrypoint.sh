#!/bin/sh
# Initialises POSTGRES_DB for POSTGRES_USER with POSTGRES_PASSWORD at the first start, then runs the server.
set -eu
: "${POSTGRES_USER:?}" "${POSTGRES_PASSWORD:?}" "${POSTGRES_DB:?}"

cluster=/var/lib/postgresql/data/cluster
fresh=$cluster.new
if [ ! -d "$cluster" ]; then
    # Made aside and moved into place whole: an interrupted first start leaves nothing that looks finished.
    rm -rf "$fresh"
    password_file=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" > "$password_file"
    initdb --pgdata "$fresh" --username "$POSTGRES_USER" --pwfile "$password_file" \
        --encoding UTF8 --locale C.UTF-8 --auth-local trust --auth-host scram-sha-256
    rm "$password_file"
    echo 'host all all all scram-sha-256' >> "$fresh/pg_hba.conf"
    echo "listen_addresses = '*'" >> "$fresh/postgresql.conf"
    echo "CREATE DATABASE \"$POSTGRES_DB\"" | postgres --single -j -D "$fresh" postgres
    mv "$fresh" "$cluster"
fi
exec postgres -D "$cluster"
