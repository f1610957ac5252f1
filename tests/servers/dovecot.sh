#!/usr/bin/env bash
# A throw-away Dovecot 2.3 IMAP server on 127.0.0.1 for tests.
#   dovecot.sh start  DIR [PORT]   prepare DIR and start; prints KEY=VALUE lines
#   dovecot.sh stop   DIR          stop it (only this one, by its own pid), keep the mail
#   dovecot.sh status DIR          prints the KEY=VALUE lines again; exit 1 if it is not running
#   dovecot.sh crash  DIR          SIGKILL the master and all its children (no clean shutdown)
#   dovecot.sh token  DIR USER [TTL_SECONDS]   mint a signed JWT for XOAUTH2 / OAUTHBEARER
# PORT is plain IMAP with STARTTLS, PORT+1 IMAPS, PORT+2 submission (only with DOVECOT_RELAY).
# Every user name is accepted with the one password; each user gets an own mail store.
# Settings by environment, all optional:
#   DOVECOT_PASS (secret)  DOVECOT_FORMAT maildir|sdbox|mdbox (maildir)
#   DOVECOT_PREFIX (''), DOVECOT_SEP (/)    e.g. PREFIX=INBOX. SEP=.  for a Courier/Cyrus-like layout
#   DOVECOT_SPECIAL yes|no (yes)            no: folders exist but carry no SPECIAL-USE flag
#   DOVECOT_NAMES en|de|gmail (en)          names of the special folders
#   DOVECOT_CAPABILITY ('')                 advertise exactly this capability string
#   DOVECOT_CLEARTEXT yes|no (yes)          no: LOGINDISABLED before STARTTLS; HOST is then 127.0.0.2
#   DOVECOT_IDLE_NOTIFY (30 s)              "* OK Still here" interval during IDLE
#   DOVECOT_RELAY host:port ('')            also run a submission server relaying there
#   DOVECOT_LINKS (500)                     how many connections a user may have from one address
#   DOVECOT_QUOTA ('')                      e.g. 1M: over it APPEND gives NO [OVERQUOTA]
#   DOVECOT_RUN_AS                          user to run as when started by root (nobody)
set -euo pipefail
export PATH="$PATH:/usr/sbin:/sbin"
die() { echo "dovecot.sh: $*" >&2; exit 2; }
cmd=${1:-}; dir=${2:-}
[ -n "$cmd" ] && [ -n "$dir" ] || { sed -n '2,25p' "$0" >&2; exit 2; }
mkdir -p "$dir"; dir=$(cd "$dir" && pwd -P)

# a zombie (PID 1 may reap late in a container) counts as ended
running() { [ -n "${1:-}" ] && [ -r "/proc/$1/stat" ] && [ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" != Z ]; }
alive() { [ -s "$dir/state/base_dir" ] && [ -s "$(cat "$dir/state/base_dir")/master.pid" ] &&
          running "$(cat "$(cat "$dir/state/base_dir")/master.pid")"; }
master_pid() { cat "$(cat "$dir/state/base_dir")/master.pid"; }
free_port() { python3 - "$@" <<'PY'
import random, socket, sys
def free(p):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try: s.bind(("127.0.0.1", p)); return True
    except OSError: return False
    finally: s.close()
for p in random.sample(range(14000, 14990, 4), 247):
    if all(free(p + i) for i in range(3)): print(p); break
PY
}

# a CA and a leaf signed by it: Mozilla's verifier refuses a CA certificate used as the server's own
make_cert() { ( cd "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -keyout ca.key -out ca.pem \
    -subj '/CN=Throw-away test CA' -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out req.pem -subj /CN=localhost
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' > ext.cnf
  openssl x509 -req -in req.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 800 -extfile ext.cnf -out cert.pem
) >/dev/null 2>&1; }
case $cmd in
start)
  command -v dovecot >/dev/null || die "no dovecot: apt-get install --no-install-recommends dovecot-imapd (and dovecot-submissiond)"
  alive && { cat "$dir/state/env"; exit 0; }
  port=${3:-$(free_port)}; pass=${DOVECOT_PASS:-secret}; fmt=${DOVECOT_FORMAT:-maildir}
  # Dovecot takes a connection with equal addresses on both ends as secured: another loopback address makes it refuse
  host=127.0.0.1; [ "${DOVECOT_CLEARTEXT:-yes}" = yes ] || host=127.0.0.2
  prefix=${DOVECOT_PREFIX:-}; sep=${DOVECOT_SEP:-/}
  mkdir -p "$dir/state" "$dir/mail" "$dir/tls" "$dir/oauth/default/HS256"
  if [ "$(id -u)" = 0 ]; then
    run_as=${DOVECOT_RUN_AS:-nobody}
  else run_as=$(id -un); fi
  uid=$(id -u "$run_as"); gid=$(id -g "$run_as"); group=$(id -gn "$run_as")
  # unix sockets live under a short path: sun_path holds 108 bytes only
  base=$(mktemp -d "${TMPDIR:-/tmp}/dvc.XXXXXX"); [ ${#base} -le 60 ] || { rmdir "$base"; base=$(mktemp -d /tmp/dvc.XXXXXX); }
  chmod 755 "$base"; echo "$base" > "$dir/state/base_dir"
  if [ ! -s "$dir/tls/cert.pem" ]; then
    make_cert "$dir/tls"
  fi
  [ -s "$dir/state/jwt.secret" ] || head -c 32 /dev/urandom | base64 -w0 > "$dir/state/jwt.secret"
  base64 -w0 < "$dir/state/jwt.secret" > "$dir/oauth/default/HS256/default"

  case ${DOVECOT_NAMES:-en} in
    en) names=(Drafts Sent Junk Trash Archive) ;;
    de) names=("Entw&APw-rfe" "Gesendet" "Spam" "Papierkorb" "Archiv") ;;
    gmail) names=("[Gmail]${sep}Drafts" "[Gmail]${sep}Sent Mail" "[Gmail]${sep}Spam" "[Gmail]${sep}Trash" "[Gmail]${sep}All Mail") ;;
    *) die "unknown DOVECOT_NAMES" ;;
  esac
  uses=('\Drafts' '\Sent' '\Junk' '\Trash' '\Archive')
  [ "${DOVECOT_NAMES:-en}" = gmail ] && uses[4]='\All'
  boxes=
  for i in 0 1 2 3 4; do
    use="special_use = ${uses[$i]}"; [ "${DOVECOT_SPECIAL:-yes}" = yes ] || use=
    # the config wants UTF-8 names, not modified UTF-7
    n=${names[$i]/&APw-/ü}
    boxes+="  mailbox \"$n\" {
    auto = subscribe
    $use
  }
"
  done
  {
    echo "base_dir = $base
state_dir = $dir/state
log_path = $dir/dovecot.log
protocols = imap ${DOVECOT_RELAY:+submission}
listen = $host
default_internal_user = $run_as
default_internal_group = $group
default_login_user = $run_as
default_client_limit = 500
default_process_limit = 200
default_vsz_limit = 512M
first_valid_uid = 1
first_valid_gid = 1
ssl = $([ "${DOVECOT_CLEARTEXT:-yes}" = yes ] && echo yes || echo required)
ssl_cert = <$dir/tls/cert.pem
ssl_key = <$dir/tls/key.pem
disable_plaintext_auth = $([ "${DOVECOT_CLEARTEXT:-yes}" = yes ] && echo no || echo yes)
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_cache_size = 0
login_trusted_networks = 
mail_location = $fmt:~/Mail
mail_max_userip_connections = ${DOVECOT_LINKS:-500}
mail_fsync = never
imap_idle_notify_interval = ${DOVECOT_IDLE_NOTIFY:-30 s}
${DOVECOT_CAPABILITY:+imap_capability = $DOVECOT_CAPABILITY}
maildir_stat_dirs = yes
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = $dir/state/oauth2.conf.ext
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=$pass
}
userdb {
  driver = static
  args = uid=$uid gid=$gid home=$dir/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
  prefix = $prefix
  separator = $sep
$boxes}
# no penalty for wrong passwords: the tests give many from one address
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {
    address = $host
    port = $port
  }
  inet_listener imaps {
    address = $host
    port = $((port+1))
    ssl = yes
  }
}
service imap {
  process_min_avail = 1
}"
    if [ -n "${DOVECOT_RELAY:-}" ]; then
      echo "submission_relay_host = ${DOVECOT_RELAY%:*}
submission_relay_port = ${DOVECOT_RELAY##*:}
submission_relay_trusted = no
hostname = localhost
service submission-login {
  chroot =
  service_count = 0
  inet_listener submission {
    address = $host
    port = $((port+2))
  }
  inet_listener submissions {
    port = 0
  }
}"
    fi
    if [ -n "${DOVECOT_QUOTA:-}" ]; then
      echo "mail_plugins = quota
protocol imap {
  mail_plugins = quota imap_quota
}
plugin {
  quota = count:User quota
  quota_rule = *:storage=$DOVECOT_QUOTA
  quota_vsizes = yes
}"
    fi
  } > "$dir/dovecot.conf"
  echo "introspection_mode = local
local_validation_key_dict = fs:posix:prefix=$dir/oauth/
username_attribute = sub" > "$dir/state/oauth2.conf.ext"

  run=()
  if [ "$(id -u)" = 0 ]; then
    chown -R "$uid:$gid" "$dir/mail" "$dir/state" "$dir/tls" "$dir/oauth" "$base"; chmod 600 "$dir/tls/key.pem"
    touch "$dir/dovecot.log"; chown "$uid:$gid" "$dir/dovecot.log" "$dir/dovecot.conf"
    # every parent of DIR must let the unprivileged user through
    d=$dir; while [ "$d" != / ]; do
      setpriv --reuid "$uid" --regid "$gid" --clear-groups test -x "$d" || {
        case $d in /tmp/*|/var/tmp/*) chmod o+x "$d" ;; *) die "$run_as cannot enter $d: choose a DIR under /tmp or set DOVECOT_RUN_AS=root" ;; esac; }
      d=$(dirname "$d"); done
    [ "$run_as" = root ] || run=(setpriv --reuid "$uid" --regid "$gid" --clear-groups)
  fi
  cat > "$dir/state/env" <<E
HOST=$host
PORT=$port
TLS_PORT=$((port+1))
${DOVECOT_RELAY:+SUBMISSION_PORT=$((port+2))
}USER=anyone@example.org
PASS=$pass
CERT=$dir/tls/ca.pem
LOG=$dir/dovecot.log
MAIL=$dir/mail
CONF=$dir/dovecot.conf
E
  ulimit -n 4096 2>/dev/null || true
  env -u NOTIFY_SOCKET "${run[@]}" dovecot -c "$dir/dovecot.conf" >> "$dir/state/start.out" 2>&1 ||
    { cat "$dir/state/start.out" >&2; tail -n 5 "$dir/dovecot.log" >&2; rm -rf "$base"; rm -f "$dir/state/base_dir"; exit 1; }
  for _ in $(seq 100); do
    # ready only when the greeting has come: the listener opens before the auth process is up
    if (exec 3<>"/dev/tcp/$host/$port"; read -r -t 5 l <&3; case $l in '* OK'*) echo 'a LOGOUT' >&3; cat <&3 >/dev/null ;; *) exit 1 ;; esac) 2>/dev/null
    then cat "$dir/state/env"; exit 0; fi
    sleep 0.02
  done
  tail -n 5 "$dir/dovecot.log" >&2; die "no answer on port $port" ;;
stop|crash)
  alive || exit 0
  pid=$(master_pid); base=$(cat "$dir/state/base_dir"); kids=
  if [ "$cmd" = stop ]; then kill -TERM "$pid"
  else
    kids=$(ps -o pid= --ppid "$pid"); kill -KILL "$pid" $kids 2>/dev/null || true
  fi
  # the children too: one that is still dying holds the port that the next start needs
  for _ in $(seq 250); do
    left=; for p in "$pid" $kids; do if running "$p"; then left=$p; fi; done
    [ -n "$left" ] || break; sleep 0.02
  done
  running "$pid" && die "pid $pid did not end"
  case $base in */dvc.??????) rm -rf "$base" ;; esac; rm -f "$dir/state/base_dir" ;;
status) alive && cat "$dir/state/env" ;;
token)
  user=${3:?USER}; ttl=${4:-3600}
  python3 - "$dir/state/jwt.secret" "$user" "$ttl" <<'PY'
import base64, hashlib, hmac, json, sys, time
key = open(sys.argv[1], "rb").read(); now = int(time.time())
b = lambda x: base64.urlsafe_b64encode(x).rstrip(b"=")
head = b(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
body = b(json.dumps({"sub": sys.argv[2], "iat": now, "nbf": now, "exp": now + int(sys.argv[3])}).encode())
print((head + b"." + body + b"." + b(hmac.new(key, head + b"." + body, hashlib.sha256).digest())).decode())
PY
  ;;
*) die "unknown command $cmd" ;;
esac
