#!/bin/sh
# Runs a command as root in a virtual machine that has cgroup v2 with all controllers, and this system's files.
#
#   in-cgroup-vm.sh COMMAND [ARG...]
#
# The machine boots a kernel of this system, sees the root folder of this system through 9p, and keeps what it writes in memory
# until it ends. The command starts in the working folder, with PATH, NO_COLOR and FETCHML_* as they are here, in a cgroup that is its own to
# divide. Its output is this program's, as is its exit code; 99 stands for a machine that did not come so far. Environment:
#
#   CGROUP_VM_INIT=systemd   systemd runs as the first process, and the command as a service of it
#   CGROUP_VM_ACCEL=tcg      without KVM, as where /dev/kvm cannot be used
set -eu

fail() {
  printf 'in-cgroup-vm: %s\n' "$1" >&2
  exit 99
}

# The newest kernel that can be read and whose modules can share a folder.
release=
for image in /boot/vmlinuz-*; do
  version=${image#/boot/vmlinuz-}
  [ -r "$image" ] && [ -d "/lib/modules/$version/kernel/fs/9p" ] && release=$version
done
[ -n "$release" ] || fail 'no kernel with 9p in /boot: install linux-image-amd64'
command -v qemu-system-x86_64 >/dev/null || fail 'no qemu-system-x86_64: install qemu-system-x86'

# Of KVM's kinds, pvm runs only kernels that were made for it.
accel=${CGROUP_VM_ACCEL:-kvm}
if [ ! -w /dev/kvm ] || [ -e /sys/module/kvm_pvm ]; then accel=tcg; fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/root
mkdir -p "$root/bin" "$root/modules" "$root/proc" "$root/sys" "$root/dev" "$root/lower" "$root/upper" "$root/new"
busybox=$(command -v busybox) || fail 'no busybox: install busybox-static'
cp "$busybox" "$root/bin/busybox"

# The modules that the first steps need, in the order of their loading.
number=100
for name in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe --show-depends --set-version "$release" "$name" |
    while read -r _ path _; do
      case $path in /*) printf '%s\n' "$path" ;; esac
    done
done >"$folder/modules"
while read -r path; do
  number=$((number + 1))
  case $path in
    *.xz) xz --decompress --stdout "$path" ;;
    *.zst) zstd --decompress --stdout --quiet "$path" ;;
    *) cat "$path" ;;
  esac >"$root/modules/$number.ko"
done <"$folder/modules"

quote() { printf "'%s' " "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

# What runs at last, in the system's own root.
{
  printf 'cd %s || exit 99\n' "$(quote "$PWD")"
  printf 'export PATH=%s HOME=/root FETCHML_CGROUP_VM=%s\n' "$(quote "$PATH")" "$accel"
  for name in $(env | sed -n 's/^\(FETCHML_[A-Z_]*\|NO_COLOR\)=.*/\1/p'); do
    eval "printf 'export %s=%s\n' \"\$name\" \"\$(quote \"\$$name\")\""
  done
  for argument; do quote "$argument"; done
  printf '\n'
} >"$root/command"

cat >"$root/init" <<'INIT'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
for module in /modules/*; do $b insmod "$module" 2>/dev/null; done
$b mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose root /lower || $b poweroff -f
$b mount -t tmpfs -o mode=755 upper /upper
$b mkdir /upper/files /upper/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work root /new
for each in proc sys dev; do $b mount -o move /$each /new/$each; done
$b mkdir -p /new/dev/pts /new/dev/shm
$b mount -t devpts devpts /new/dev/pts
$b mount -t tmpfs -o mode=1777 shm /new/dev/shm
$b mount -t tmpfs -o mode=1777 tmp /new/tmp
$b mount -t tmpfs -o mode=755 run /new/run
$b mount -t cgroup2 cgroup /new/sys/fs/cgroup
$b mkdir -p /new/run/vm /new/var/tmp
$b cp /bin/busybox /command /new/run/vm
$b cp /finish /start /vm.service /new/run/vm
$b ip link set lo up
exec $b switch_root /new /bin/sh /run/vm/start
INIT

cat >"$root/start" <<'START'
b=/run/vm/busybox
if $b grep -qw vm.systemd /proc/cmdline; then
  $b umount /sys/fs/cgroup
  $b mkdir -p /run/systemd/system
  $b cp /run/vm/vm.service /run/systemd/system/
  exec /lib/systemd/systemd --unit=vm.service
fi
cd /sys/fs/cgroup
echo '+memory +pids +cpu' >cgroup.subtree_control
$b mkdir delegated
(echo 0 >delegated/cgroup.procs; exec /bin/sh /run/vm/finish)
START

cat >"$root/finish" <<'FINISH'
b=/run/vm/busybox
$b stty -F /dev/ttyS0 raw
/bin/sh /run/vm/command >/dev/ttyS0 2>&1 </dev/null
echo "command ended: $?" >/dev/ttyS1
$b poweroff -f
FINISH

cat >"$root/vm.service" <<'SERVICE'
[Unit]
Requires=dbus.service
After=dbus.service
[Service]
ExecStart=/bin/sh /run/vm/finish
SERVICE

chmod 755 "$root/init"
(cd "$root" && find . | "$busybox" cpio --quiet -o -H newc) >"$folder/initramfs" 2>/dev/null

append='console=ttyS1 quiet panic=-1 cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1 systemd.mask=getty.target'
[ "${CGROUP_VM_INIT:-}" != systemd ] || append="$append vm.systemd"
qemu-system-x86_64 -machine "q35,accel=$accel" -cpu max,arch-capabilities=off -smp 2 -m "${CGROUP_VM_MEMORY:-2048}" \
  -no-user-config -nodefaults -display none -no-reboot \
  -kernel "/boot/vmlinuz-$release" -initrd "$folder/initramfs" -append "$append" \
  -chardev stdio,id=out,signal=off -serial chardev:out -serial "file:$folder/console" \
  -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap </dev/null || true

code=$(tr -d '\r' <"$folder/console" | sed -n 's/^command ended: //p')
[ -n "$code" ] || {
  tail -n 30 "$folder/console" >&2
  fail 'the machine ended before the command did'
}
exit "$code"
