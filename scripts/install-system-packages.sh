#!/bin/sh
# Installs the Debian packages that FetchML's tests and demo use. Does nothing, at once, when all are there.
set -eu

# One package a line, and what it is for.
packages='
bubblewrap  # the sandbox that jobs run in
busybox     # runs the supervisor under another shell
coreutils   # what supervisors and jobs are made of: mkdir, cat, timeout
fish        # runs the completion of ml for fish
git         # the rules of .gitignore are compared with those of git itself
jq          # reads what bw answers, in the script that puts keys into Bitwarden
mount       # a small file system, for tests of a full disk
openssl     # makes the certificate of the Bitwarden server in the tests
procps      # ps, to see that no process is left
python3     # runs the example training
strace      # shows that a submit is answered only after it was synced
util-linux  # setsid, setpriv, fallocate, unshare
zsh         # runs the completion of ml for zsh
'

names=$(printf '%s\n' "$packages" | sed 's/#.*//' | tr -s ' \n' ' ')

# Prints those of the packages that are not installed.
missing_packages() {
  for name in $names; do
    case $(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null || true) in
      installed) ;;
      *) printf '%s ' "$name" ;;
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
  install_packages
}
