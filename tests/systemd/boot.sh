#!/usr/bin/env bash
# A machine of its own with a real systemd as PID 1, in namespaces: root may do anything in it and nothing outside.
#   boot.sh DIR CGROUP SOURCE...    become that machine; each SOURCE=TARGET is a folder outside, seen read-only inside
# Its files are those of this machine, written to in DIR only; its /run, /tmp and /dev are its own; the network is shared,
# so that it reaches a server on the loopback. It ends with the process that called it (unshare --kill-child).
set -euo pipefail
dir=$1; cgroup=$2; shift 2
if [ "${INSIDE:-}" != yes ]; then
  mkdir -p "$cgroup"
  echo $$ > "$cgroup/cgroup.procs"
  INSIDE=yes exec unshare --mount --pid --ipc --uts --cgroup --fork --kill-child bash "$0" "$dir" "$cgroup" "$@"
fi
mount --make-rprivate /
hostname machine
# An overlay cannot lie on another one's files: its writable part is in memory.
mkdir -p "$dir"
mount -t tmpfs -o mode=0755 tmpfs "$dir"
root=$dir/root
mkdir "$dir/upper" "$dir/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/upper,workdir=$dir/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/sys/fs/cgroup"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for own in run tmp dev; do mount -t tmpfs -o mode=0755 tmpfs "$root/$own"; done
chmod 1777 "$root/tmp"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${number%:*}" "$root/dev/${number#*:}"; done
for pair; do
  mkdir -p "$root${pair#*=}"
  mount --rbind "${pair%%=*}" "$root${pair#*=}"
done
# Of this machine's own services none is wanted there.
find "$root/etc/systemd/system" -mindepth 1 -delete
for unwanted in systemd-logind systemd-udevd systemd-networkd systemd-resolved systemd-timesyncd console-getty; do
  ln -s /dev/null "$root/etc/systemd/system/$unwanted.service"
done
ln -s /dev/null "$root/etc/systemd/system/getty.target"
echo machine > "$root/etc/hostname"
mkdir -p "$root/mnt"
cd "$root"
pivot_root . mnt
umount -l /mnt
# As a container's manager does: a service's credentials are mounted in another namespace and must appear in this one.
mount --make-rshared /
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=no
