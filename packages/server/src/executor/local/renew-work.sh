# Exchanges folders of the project for new ones with the same in them. Sourced by keep-setup.sh, with `work` set and `made` written.
#
# A setup may hand a folder to another job of its user, over a socket: that one can put a link in the place of a folder for as long
# as it lives, and what goes through it then, here or in bwrap, ends anywhere on the box. Nobody has a handle on a new folder.

# Renews the project's folder and each one above what was made. When it fails, the project is as it was.
renew_work() {
  [ -s made ] || return 0
  list_above >above && renew "$work" || return
  while IFS= read -r path; do
    ! is_unwanted || leave
    renew "$work/$path" || return
  done <above
}

# The folders above what was made, those nearer the root first.
list_above() {
  LC_ALL=C awk -F / '{ for (n = 1; n < NF; n++) { above = n == 1 ? $1 : above "/" $n; print above } }' made |
    LC_ALL=C sort -u
}

# Renews one folder. That above it must be one of which no job has a handle.
renew() {
  [ -d "$1" ] && [ ! -L "$1" ] || return
  fresh=$control/../unfinished-work
  rights=$(stat -c '%u:%g %a' -- "$1") && (umask 077 && mkdir -- "$fresh") || return
  if move_all "$1" "$fresh" && chown "${rights% *}" "$fresh" && chmod "${rights#* }" "$fresh" && rmdir -- "$1"; then
    mv -T -- "$fresh" "$1" || exit 125
  else
    move_all "$fresh" "$1" && rmdir -- "$fresh" || exit 125
    return 1
  fi
} 2>/dev/null

# From within, so that no name of it is looked up twice.
move_all() (
  cd -P -- "$1" && exec find . -mindepth 1 -maxdepth 1 -exec mv -t "$2" -- '{}' +
)
