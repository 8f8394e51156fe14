#!/bin/sh
# Installs the packages of Debian or Ubuntu that FetchML's tests and demo use. Does nothing, at once, when all are there.
set -eu

# One package a line, and what it is for; names behind "|" are those that it has elsewhere.
packages='
apparmor    # apparmor_parser reads the profile that lets bubblewrap work on Ubuntu
bubblewrap  # the sandbox that jobs run in
busybox-static  # runs the supervisor under another shell; the first program of the machine for cgroups
caddy       # the proxy of deploy/Caddyfile
coreutils   # what supervisors and jobs are made of: mkdir, cat, timeout
curl        # asks for the metrics as docs/operations.md says
dbus        # what the systemd of a machine under test wants beside it
e2fsprogs   # a file system that becomes read-only under a server under test
fish        # runs the completion of ml for fish
git         # the rules of .gitignore are compared with those of git itself
jq          # reads what bw answers, in the script that puts keys into Bitwarden
libc6-arm64-cross  # what a program for 64-bit ARM is linked to
kmod        # which modules that machine needs
lintian     # finds faults in the package for Debian and Ubuntu
linux-image-amd64|linux-image-generic  # its kernel, as Debian and Ubuntu call it
man-db      # man shows the installed manuals
mandoc      # finds faults in the manuals
mount       # a small file system, for tests of a full disk
nginx       # the proxy of deploy/nginx.conf
openssh-client  # what ml tunnel runs
openssh-server  # the other end of ml tunnel
libfaketime # sets the clock of a server under test, and no other
openssl     # makes the certificates of the tests
procps      # ps, to see that no process is left
prometheus  # promtool, which checks the metrics, and the rules of the alarms
python3     # runs the example training
qemu-user-static|qemu-user  # runs the executables for 64-bit ARM
qemu-system-x86  # a machine with cgroup v2, for the tests of those
rsync       # copies outputs and logs as docs/operations.md says
strace      # shows that a submit is answered only after it was synced
systemd     # systemd-analyze reads the units, and weighs their exposure
util-linux  # setsid, setpriv, nsenter, fallocate, unshare
zsh         # runs the completion of ml for zsh
'

names=$(printf '%s\n' "$packages" | sed 's/#.*//' | tr -s ' \n' ' ')

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

is_known() {
  LC_ALL=C LANGUAGE= apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

# Prints the first of a package's names that this system knows; before it has lists it knows none, and gets the first.
known_name() {
  for name; do
    if is_known "$name"; then
      printf '%s ' "$name"
      return
    fi
  done
  printf '%s ' "$1"
}

# Prints those of the packages that are not installed.
missing_packages() {
  for entry in $names; do
    alternatives=$(printf '%s' "$entry" | tr '|' ' ')
    for name in $alternatives; do
      if is_installed "$name"; then continue 2; fi
    done
    # Unquoted on purpose: each word is an argument.
    # shellcheck disable=SC2086
    case $entry in
      *'|'*) known_name $alternatives ;;
      *) printf '%s ' "$entry" ;;
    esac
  done
}

install_packages() {
  # Unquoted on purpose: each word is an argument.
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends $missing
}

if ! command -v dpkg-query >/dev/null; then
  printf 'Cannot install packages: this is no Debian or Ubuntu. The tests use:%s\n' "$names" >&2
  exit 1
fi

missing=$(missing_packages)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root=sudo
  if ! command -v sudo >/dev/null; then
    printf 'Cannot install %s: I am not root, and there is no sudo. Run this as root.\n' "$missing" >&2
    exit 1
  fi
fi

printf 'Installing: %s\n' "$missing"
# The package lists of a fresh machine are empty or old: then the first try fails, and new lists mend it.
install_packages 2>/dev/null || {
  $as_root apt-get update --quiet=2
  missing=$(missing_packages)
  install_packages
}
