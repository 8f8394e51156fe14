#!/bin/sh
# Installs FetchML from a clone after "npm run build", or from an unpacked release; --uninstall takes away what it put there.
set -eu
umask 022

usage() {
  cat <<'END'
Usage: install.sh [--prefix DIR | --user] [--dry-run] [--uninstall]

  --prefix DIR  install below DIR; default /usr/local
  --user        install for this account alone, below ~/.local, with a unit for "systemctl --user"
  --dry-run     say what would be done, and stop
  --uninstall   remove what this script installed there, and nothing else: never config or data
END
}

complain() {
  printf '%s\n' "$@" >&2
}

fail() {
  complain "$@"
  exit 1
}

prefix=
for_user=no
dry_run=no
uninstall=no
# An empty one is a variable that was never set, as a rule, and not the folder in which somebody happens to be.
take_prefix() {
  [ -n "$1" ] || { complain 'install.sh: --prefix takes a folder, not nothing.'; exit 2; }
  prefix=$1
}

while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      [ $# -ge 2 ] || { usage >&2; exit 2; }
      take_prefix "$2"
      shift
      ;;
    --prefix=*) take_prefix "${1#--prefix=}" ;;
    --user) for_user=yes ;;
    --dry-run) dry_run=yes ;;
    --uninstall) uninstall=yes ;;
    -h | --help) usage; exit 0 ;;
    *)
      complain "install.sh has no option $1."
      usage >&2
      exit 2
      ;;
  esac
  shift
done

if [ "$for_user" = yes ]; then
  [ -z "$prefix" ] || { complain 'install.sh takes --prefix or --user, not both.'; exit 2; }
  [ -n "${HOME:-}" ] || fail 'Cannot install with --user: HOME is not set.' 'Name a folder: install.sh --prefix DIR'
  prefix=$HOME/.local
fi
prefix=${prefix:-/usr/local}

case $prefix in
  /*) ;;
  .) prefix=$PWD ;;
  *) prefix=$PWD/${prefix#./} ;;
esac
while [ "${prefix%/}" != "$prefix" ]; do prefix=${prefix%/}; done
case $prefix/ in
  # systemd compares paths as they are spelled.
  */./* | */../* | *//*) prefix=$(realpath -m -- "$prefix") || fail "Cannot install below $prefix: name it without \".\" and \"..\"." ;;
esac
# Only here: "/usr/.." is the root as well.
[ -n "${prefix%/}" ] || fail 'Cannot install below /: what is there belongs to the system.' 'Take /usr/local, or another --prefix.'
case $prefix in
  # systemd, AppArmor and sed would each want another way of writing them.
  *[!A-Za-z0-9/._+@~-]*) fail "Cannot install below \"$prefix\": a path with blanks or special characters will not do." ;;
esac

manifest=$prefix/share/fetchml/installed
if [ "$for_user" = yes ]; then unit=share/systemd/user/fetchml.service; else unit=lib/systemd/system/fetchml.service; fi

# The files or folders that an earlier run put there, relative to the prefix, in the order in which it did.
recorded() {
  [ -f "$manifest" ] || return 0
  sed -n "s/^$1 //p" "$manifest"
}

# A manifest that somebody has tampered with shall not lead out of the prefix.
check_manifest() {
  recorded '[a-z]*' | while IFS= read -r path; do
    case /$path/ in
      */../* | //*) fail "Will not go by $manifest: it names $path, which is not below $prefix." ;;
    esac
  done
}

# Whether systemd runs the unit that lies below this prefix.
unit_is_running() {
  command -v systemctl >/dev/null 2>&1 || return 1
  [ "$($1 show --property=FragmentPath --value fetchml.service 2>/dev/null)" = "$prefix/$unit" ] || return 1
  $1 is-active --quiet fetchml.service
}

# By another name first: a program that runs keeps its file, and a half-written one is never found.
being_written() {
  printf '%s' "$prefix/${1%/*}/.${1##*/}.fetchml-new"
}

remove_all() {
  [ -f "$manifest" ] || fail "Nothing to remove: this script has installed nothing below $prefix."
  check_manifest
  if [ "$for_user" = yes ]; then systemctl='systemctl --user'; else systemctl=systemctl; fi
  if unit_is_running "$systemctl"; then
    fail "Nothing was removed: systemd runs the server." "Stop it first: $systemctl disable --now fetchml"
  fi
  printf 'This removes from %s:\n' "$prefix"
  recorded file | sed 's/^/  /'
  printf '  share/fetchml/installed\nConfig and data stay.\n'
  [ "$dry_run" = no ] || exit 0
  folders=$(recorded folder | sed '1!G;h;$!d')
  recorded file | while IFS= read -r path; do
    rm -f "$prefix/$path" "$(being_written "$path")" || exit 1
  done || fail "Not all of it could be removed from $prefix." 'Take "sudo", and type the same again.'
  rm -f "$manifest" || fail "Cannot remove $manifest." 'Take "sudo", and type the same again.'
  # A folder in which somebody else has put something stays.
  printf '%s\n' "$folders" | while IFS= read -r path; do
    [ -z "$path" ] || rmdir "$prefix/$path" 2>/dev/null || true
  done
  printf 'Removed.\n'
}

if [ "$uninstall" = yes ]; then
  remove_all
  exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)
if [ -f "$here/ml" ]; then
  made=$here
  deploy=$here/deploy
else
  made=$here/../dist
  deploy=$here/../deploy
fi
for needed in ml man/ml.1 completions/ml.bash; do
  [ -f "$made/$needed" ] || fail "Cannot install: there is no $made/$needed." 'Type "npm run build" first.'
done

# What is installed: mode, source, and where below the prefix. The server runs on Linux only, so that it may be missing.
items() {
  printf '%s\n' \
    "755 $made/ml bin/ml" \
    "644 $made/man/ml.1 share/man/man1/ml.1" \
    "644 $made/completions/ml.bash share/bash-completion/completions/ml" \
    "644 $made/completions/_ml share/zsh/site-functions/_ml" \
    "644 $made/completions/ml.fish share/fish/vendor_completions.d/ml.fish" \
    "755 $here/create_bitwarden_fetchml_item.sh share/fetchml/create_bitwarden_fetchml_item.sh"
  [ -f "$made/fetchml" ] || return 0
  printf '%s\n' \
    "755 $made/fetchml bin/fetchml" \
    "644 $made/man/fetchml.1 share/man/man1/fetchml.1" \
    "644 $made/completions/fetchml.bash share/bash-completion/completions/fetchml" \
    "644 $made/completions/_fetchml share/zsh/site-functions/_fetchml" \
    "644 $made/completions/fetchml.fish share/fish/vendor_completions.d/fetchml.fish"
  printf '%s\n' "644 $deploy/apparmor/fetchml share/fetchml/apparmor/fetchml"
  if [ "$for_user" = yes ]; then
    printf '%s\n' "644 $deploy/fetchml-user.service $unit"
  else
    printf '%s\n' \
      "644 $deploy/fetchml.service $unit" \
      "644 $deploy/fetchml.sysusers lib/sysusers.d/fetchml.conf"
  fi
}

# Prints a file as it is to be installed: units and profiles name the executable where it will be.
rendered() {
  case $1 in
    "$deploy"/*) sed "s|/usr/bin/fetchml|$prefix/bin/fetchml|g" "$1" ;;
    *) cat "$1" ;;
  esac
}

is_recorded() {
  recorded file | grep -Fqx -- "$1"
}

check_manifest
# Paths of a clone may have blanks, those below the prefix have none: the last word is the destination.
to_do=$(items | while IFS= read -r item; do
  mode=${item%% *}
  path=${item##* }
  source=${item#* }
  source=${source% *}
  target=$prefix/$path
  if [ -e "$target" ] || [ -L "$target" ]; then
    if ! is_recorded "$path"; then
      complain "Cannot install: $target is there, and this script did not put it there." \
        "Remove it, or take another --prefix."
      exit 1
    fi
    [ -L "$target" ] || ! rendered "$source" | cmp -s - "$target" || continue
  fi
  printf '%s\n' "$mode $source $path"
done) || exit 1

if [ -z "$to_do" ]; then
  printf 'Nothing to do: FetchML is installed below %s, and nothing was changed.\n' "$prefix"
  exit 0
fi
printf 'This installs below %s:\n' "$prefix"
printf '%s\n' "$to_do" | sed 's/^.* /  /'
printf 'and share/fetchml/installed, by which "install.sh --uninstall" finds them.\n'
[ "$dry_run" = no ] || exit 0

# Makes a folder below the prefix, and remembers each that was not there.
make_folder() {
  [ ! -d "$prefix/$1" ] || return 0
  case $1 in */*) make_folder "${1%/*}" || return 1 ;; esac
  mkdir "$prefix/$1" && printf 'folder %s\n' "$1" >>"$manifest"
}

{
  mkdir -p "$prefix"
  # The manifest's own folders come first, and are written down as soon as there is where.
  fresh=
  for folder in share share/fetchml; do
    [ -d "$prefix/$folder" ] || fresh="$fresh $folder"
  done
  mkdir -p "$prefix/share/fetchml"
  for folder in $fresh; do printf 'folder %s\n' "$folder" >>"$manifest"; done
} || fail "Cannot write below $prefix." 'Take "sudo", or --user to install for this account alone.'

install_one() {
  make_folder "${2%/*}" &&
    { is_recorded "$2" || printf 'file %s\n' "$2" >>"$manifest"; } &&
    rendered "$3" >"$new" && chmod "$1" "$new" && mv -f "$new" "$prefix/$2"
}

# A file of 100 MB that was half written would fill the disk that was too small for it.
printf '%s\n' "$to_do" | while IFS= read -r item; do
  mode=${item%% *}
  path=${item##* }
  source=${item#* }
  source=${source% *}
  new=$(being_written "$path")
  trap 'rm -f "$new"; exit 1' HUP INT TERM
  install_one "$mode" "$path" "$source" || { rm -f "$new"; exit 1; }
done || fail "Not all of it could be installed below $prefix: the reason is above." \
  'Mend it and type the same again, or take away what is there with --uninstall.'
printf 'Installed.\n'

case :${PATH:-}: in
  *:"$prefix/bin":*) ;;
  *) printf '%s is not in your PATH: add it in the profile of your shell.\n' "$prefix/bin" ;;
esac
if [ -f "$made/fetchml" ] && [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ]; then
  printf 'For bubblewrap here, type: sudo cp %s/share/fetchml/apparmor/fetchml /etc/apparmor.d/fetchml && sudo apparmor_parser --replace /etc/apparmor.d/fetchml\n' "$prefix"
fi
if [ ! -f "$made/fetchml" ]; then
  printf 'Next, type: ml login\n'
elif [ "$for_user" = yes ]; then
  printf 'Next, type on the box: fetchml init; or on your own machine: ml login\n'
else
  printf 'Next, type on the box: sudo fetchml init; or on your own machine: ml login\n'
fi
