# server.sh: a private PostgreSQL server for one checkout.  Sourced, not run.
#
# The server programs and their files are copied from the installed PostgreSQL into build/root, where
# `make install DESTDIR=build/root` puts clex beside them: no system directory and no system cluster
# is touched.  PostgreSQL finds its files relative to its own program, so the copy is complete.
# As root everything that PostgreSQL must not do as root runs as an unprivileged user.

CLEX_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PG_CONFIG=${PG_CONFIG:-pg_config}
umask 022

say() { printf '%s\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# A folder for server NAME that the server's user can reach: inside the checkout if possible, else a
# private one under /tmp whose name is kept in the checkout.
server_home() {
	# absolute, since server_start puts the private programs first in PATH
	PG_CONFIG=$(command -v "$PG_CONFIG") || die "there is no pg_config: scripts/setup installs PostgreSQL"
	local home="$CLEX_TOP/build/$1" elsewhere="$CLEX_TOP/build/$1.elsewhere"
	mkdir -p "$home"
	if [ "$(id -u)" = 0 ]; then
		server_user=${CLEX_SERVER_USER:-postgres}
		id "$server_user" >/dev/null 2>&1 || server_user=nobody
		chmod a+rx "$CLEX_TOP/build" "$home"
		if ! as_server test -x "$home" 2>/dev/null; then
			home=$(cat "$elsewhere" 2>/dev/null || true)
			if [ -z "$home" ] || [ ! -d "$home" ] || [ -L "$home" ] || [ ! -O "$home" ]; then
				home=$(mktemp -d "/tmp/clex-$1.XXXXXX")
				chmod 755 "$home"
				printf '%s' "$home" >"$elsewhere"
				printf '%s' "$elsewhere" >"$home/.checkout"
				say "user $server_user cannot enter $CLEX_TOP: the private server lives in $home"
			fi
		fi
	fi
	SERVER_HOME=$home
	SERVER_DATA="$home/data"
	SERVER_SOCKET=$(cat "$home/socket" 2>/dev/null || true)
	SERVER_BIN="$home/root$($PG_CONFIG --bindir)"
}

# Run a command as the server's user (root drops to it; anybody else stays who they are).
as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && HOME=/tmp setpriv --reuid "$server_user" --regid "$(id -g "$server_user")" --clear-groups "$@")
	else
		(cd / && "$@")
	fi
}

# Copy the installed PostgreSQL into $SERVER_HOME/root once, install clex there every time.
server_install() {
	local bin lib share so root="$SERVER_HOME/root"
	bin=$($PG_CONFIG --bindir) lib=$($PG_CONFIG --pkglibdir) share=$($PG_CONFIG --sharedir)
	if [ "$(cat "$root/.version" 2>/dev/null)" != "$($PG_CONFIG --version)" ]; then
		rm -rf "$root"
		mkdir -p "$root$bin" "$root$lib" "$root$share"
		cp -a "$bin/." "$root$bin/"
		(cd "$lib" && tar -cf - --exclude=./bitcode .) | tar -xf - -C "$root$lib"
		cp -a "$share/." "$root$share/"
		rm -f "$root$lib"/clex*.so "$root$share"/extension/clex*
		$PG_CONFIG --version >"$root/.version"
	fi
	make -s -C "$CLEX_TOP" install DESTDIR="$root" PG_CONFIG="$PG_CONFIG" >"$SERVER_HOME/install.log" 2>&1 ||
		{ cat "$SERVER_HOME/install.log" >&2; die "installation into $root failed"; }
	# companions that are extensions, where they have been built
	for so in "$CLEX_TOP"/contrib/*/*.so; do
		[ -e "$so" ] || continue
		make -s -C "$(dirname "$so")" install DESTDIR="$root" PG_CONFIG="$PG_CONFIG" >>"$SERVER_HOME/install.log" 2>&1 ||
			{ cat "$SERVER_HOME/install.log" >&2; die "installation of $so into $root failed"; }
	done
	chmod -R a+rX "$root"
}

# Remove what runs that were killed have left under /tmp: folders of sockets whose server is gone for an hour, and homes
# of servers of checkouts that are no longer there.
server_sweep() {
	local folder pid checkout
	for folder in $(find /tmp -maxdepth 1 -type d -name 'clex.??????' -user "${server_user:-$(id -u)}" -mmin +60 2>/dev/null); do
		pid=$(head -1 "$folder/.s.PGSQL.5432.lock" 2>/dev/null || true)
		[ -n "$pid" ] && [ -d "/proc/$pid" ] || rm -rf "$folder"
	done
	for folder in $(find /tmp -maxdepth 1 -type d -name 'clex-*.??????' -user "$(id -u)" 2>/dev/null); do
		checkout=$(cat "$folder/.checkout" 2>/dev/null || true)
		[ -z "$checkout" ] || [ -e "$checkout" ] || rm -rf "$folder"
	done
}

# server_start NAME ['extra configuration lines']: sets PGHOST PGPORT PGUSER PGDATABASE.
server_start() {
	server_home "$1"
	server_sweep
	server_install
	if [ -z "$SERVER_SOCKET" ] || [ ! -d "$SERVER_SOCKET" ]; then
		SERVER_SOCKET=$(mktemp -d /tmp/clex.XXXXXX)
		printf '%s' "$SERVER_SOCKET" >"$SERVER_HOME/socket"
	fi
	if [ "$(id -u)" = 0 ]; then chown -R "$server_user" "$SERVER_SOCKET"; fi
	if [ ! -s "$SERVER_DATA/PG_VERSION" ]; then
		rm -rf "$SERVER_DATA"
		mkdir -p "$SERVER_DATA"
		[ "$(id -u)" != 0 ] || chown "$server_user" "$SERVER_DATA"
		chmod 700 "$SERVER_DATA"
		as_server "$SERVER_BIN/initdb" -D "$SERVER_DATA" -U postgres -A trust -E UTF8 --locale=C \
			--no-sync >"$SERVER_HOME/initdb.log" 2>&1 || { cat "$SERVER_HOME/initdb.log" >&2; die "initdb failed"; }
		cat >>"$SERVER_DATA/postgresql.conf" <<-EOT
			listen_addresses = ''
			fsync = off
			max_wal_size = 4GB
			shared_buffers = 256MB
			log_min_messages = warning
			log_statement = 'none'
			timezone = 'UTC'
			include_if_exists = 'clex.conf'
		EOT
	fi
	printf "unix_socket_directories = '%s'\n%s\n" "$SERVER_SOCKET" "${2:-}" >"$SERVER_DATA/clex.conf"
	[ "$(id -u)" != 0 ] || chown "$server_user" "$SERVER_DATA/clex.conf"
	if as_server "$SERVER_BIN/pg_ctl" -D "$SERVER_DATA" status >/dev/null 2>&1; then
		as_server "$SERVER_BIN/pg_ctl" -D "$SERVER_DATA" -w -m fast stop >/dev/null
	fi
	as_server "$SERVER_BIN/pg_ctl" -D "$SERVER_DATA" -w -s -l "$SERVER_DATA/server.log" start ||
		{ tail -20 "$SERVER_DATA/server.log" >&2; die "the private server does not start"; }
	export PGHOST="$SERVER_SOCKET" PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	export PATH="$SERVER_BIN:$PATH"
	unset PGPASSWORD PGSERVICE PGOPTIONS
}

server_running() {
	[ -s "$SERVER_DATA/PG_VERSION" ] && as_server "$SERVER_BIN/pg_ctl" -D "$SERVER_DATA" status >/dev/null 2>&1
}

server_stop() {
	as_server "$SERVER_BIN/pg_ctl" -D "$SERVER_DATA" -w -s -m fast stop >/dev/null 2>&1 || true
	case "$SERVER_SOCKET" in /tmp/clex.*) rm -rf "$SERVER_SOCKET" ;; esac
	rm -f "$SERVER_HOME/socket"
}
