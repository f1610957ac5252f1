#!/usr/bin/env bash
# A throw-away Courier IMAP server on 127.0.0.1, from a package that is unpacked and not installed.
#   courier.sh ROOT DIR PORT PYTHON    run it in the foreground, as root; DIR keeps its mail
# ROOT is laid over this machine's files in namespaces of its own, so that the server finds itself where its package
# puts it. It ends with the process that called it (unshare --kill-child). Every name logs in with the password "secret".
# KEYWORDS=0 refuses keywords.
set -euo pipefail
root=$1; dir=$2; port=$3; python=$4
if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --mount --pid --fork --kill-child bash "$0" "$@"
fi
mount --make-rprivate /
mkdir -p "$dir/mail" "$dir/package" "$dir/all"
# A layer must not lie within another: a copy in memory.
mount -t tmpfs -o mode=0755 tmpfs "$dir/package"
cp -a "$root/." "$dir/package"
mount -t overlay overlay -o "ro,lowerdir=$dir/package:/" "$dir/all"
mount -t tmpfs -o mode=0755 tmpfs "$dir/all/run"
mount -t proc proc "$dir/all/proc"
for shared in /dev /tmp; do mount --rbind "$shared" "$dir/all$shared"; done
mkdir -p "$dir/all/run/courier/authdaemon"
cp "$(dirname "$0")/courier_auth.py" "$dir/all/run/courier/auth.py"
cat > "$dir/all/run/courier/start" <<'E'
set -a
. /etc/courier/imapd
# Nobody's mail is to be deleted by itself, and no test is to wait for its turn.
IMAP_EMPTYTRASH= IMAP_KEYWORDS=${KEYWORDS:-1} MAXDAEMONS=200 MAXPERIP=200 IMAP_ENHANCEDIDLE=1
"$2" /run/courier/auth.py /run/courier/authdaemon/socket "$3" secret &
until [ -S /run/courier/authdaemon/socket ]; do sleep 0.02; done
exec couriertcpd -address=127.0.0.1 -maxprocs=200 -maxperip=200 -nodnslookup -noidentlookup "$1" \
  /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
E
# GAM_CLIENT_ID: each server asks a watcher of files of its own; the watchers' sockets are shared by all namespaces.
exec env -i GAM_CLIENT_ID="tactful-$port" PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 KEYWORDS="${KEYWORDS:-1}" \
  chroot "$dir/all" bash /run/courier/start "$port" "$python" "$dir/mail"
