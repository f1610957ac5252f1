#!/usr/bin/env bash
# A throw-away Cyrus IMAP server on 127.0.0.1, from a package that is unpacked and not installed.
#   cyrus.sh ROOT DIR PORT PYTHON    run it in the foreground, as root; its mail is in memory
# ROOT is laid over this machine's files in namespaces of its own, so that the server finds itself where its package
# puts it. It ends with the process that called it (unshare --kill-child). Every name of letters and digits logs in with
# the password "secret".
set -euo pipefail
root=$1; dir=$2; port=$3; python=$4
if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --mount --pid --fork --kill-child bash "$0" "$@"
fi
mount --make-rprivate /
mkdir -p "$dir/memory"
mount -t tmpfs -o mode=0755 tmpfs "$dir/memory"
dir=$dir/memory
all=$dir/all
# A layer must not lie within another: a copy in memory.
mkdir "$dir/package" "$dir/upper" "$dir/work" "$all"
cp -a "$root/." "$dir/package"
mount -t overlay overlay -o "lowerdir=$dir/package:/,upperdir=$dir/upper,workdir=$dir/work" "$all"
for own in run tmp; do mount -t tmpfs -o mode=1777 tmpfs "$all/$own"; done
mount -t proc proc "$all/proc"
mount --rbind /dev "$all/dev"
cp "$(dirname "$0")/cyrus_auth.py" "$all/run/auth.py"
grep -q '^cyrus:' "$all/etc/passwd" || echo "cyrus:x:9911:8::/var/spool/cyrus:/bin/sh" >> "$all/etc/passwd"
mkdir -p "$all/run/cyrus/"{lock,proc} "$all/var/spool/cyrus/mail"
# idled has its socket below the folder of the configuration: without that, IDLE says nothing.
mkdir -p "$all/var/lib/cyrus/"{socket,db,log,msg}
cat > "$all/etc/imapd.conf" <<E
configdirectory: /var/lib/cyrus
proc_path: /run/cyrus/proc
mboxname_lockpath: /run/cyrus/lock
defaultpartition: default
partition-default: /var/spool/cyrus/mail
altnamespace: no
unixhierarchysep: no
virtdomains: off
allowplaintext: yes
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: /run/auth
sasl_mech_list: PLAIN
autocreate_quota: 0
autocreate_inbox_folders: Drafts | Sent | Trash | Junk | Archive
E
cat > "$all/etc/cyrus.conf" <<E
START {
  recover cmd="/usr/sbin/cyrus ctl_cyrusdb -r"
}
SERVICES {
  imap cmd="imapd" listen="127.0.0.1:$port" proto=tcp4 prefork=2 maxchild=200
}
EVENTS {
}
DAEMON {
  idled cmd="idled"
}
E
chroot "$all" chown -R cyrus: /var/lib/cyrus /var/spool/cyrus /run/cyrus
exec env -i PATH=/usr/lib/cyrus/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$all" bash -c "
  $python /run/auth.py /run/auth secret &
  until [ -S /run/auth ]; do sleep 0.02; done
  exec /usr/lib/cyrus/bin/master -D -M /etc/cyrus.conf -C /etc/imapd.conf"
