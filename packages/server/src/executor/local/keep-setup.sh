# Keeps what a setup makes in the project's folder, and gives it to later attempts. Sourced by a launcher beside setup.sh, with
# `kept` set to where that is. Sets `binds` to the file with the options by which bwrap binds it read-only.
#
# KEPT/tree holds what was made, KEPT/paths names it, a path a line; KEPT appears whole, by rename. KEPT.lock is held by
# whoever makes it (exclusive) and by every attempt that uses it (shared); the kernel lets go of it however they end. Whoever
# holds it exclusively may remove it. Something stands in it where a setup came out such that it cannot be kept.

# Without a link on the way, so that one which is put there later shows.
work=$(cd -P -- "$control/../job/work" && pwd -P) || exit 125
# Why what an earlier job has made is not used.
misfit=
. "$programs/work-changes.sh"
. "$programs/renew-work.sh"

# Takes the kept setup, or runs the setup and keeps what it made.
run_setup_once() {
  exec 9>>"$kept.lock"
  lock s
  if [ ! -d "$kept" ] && [ ! -s "$kept.lock" ]; then lock x; fi
  is_new=
  # Somebody else may have been first.
  if [ ! -d "$kept" ]; then
    # Nobody waits for a setup that will not be kept.
    [ ! -s "$kept.lock" ] || exec 9>&-
    [ -z "$misfit" ] || tell "what the setup made for an earlier job is not used, and so it runs anew: $misfit"
    note_work
    run_setup
    if ! make_kept; then
      forget_work
      exec 9>&-
      [ -n "$why" ] || return
      tell "what the setup made is not kept, and so it runs for each attempt: $why"
      printf 'not kept\n' >"$kept.lock"
      return
    fi
    forget_work
    is_new=1
  fi
  lock s
  # It may have been collected between the two locks.
  if [ ! -d "$kept" ]; then
    run_setup_once
  elif fits; then
    [ -n "$is_new" ] || tell "setup kept from an earlier job: $setup"
    bind_kept
  else
    # For projects that it fits it stays as it is. Those that it does not fit have one of their own, by the reason.
    misfit=$why
    own=$(printf '%s\n' "${kept##*/}" "$misfit" | sha256sum | cut -c 1-32)
    # Without a name there is none: its commands could not run.
    [ -n "$own" ] || exit 125
    kept=${kept%/*}/$own
    run_setup_once
  fi
}

# Takes the lock, shared or exclusive. Gives up when the job is not wanted any more: there is no process yet to be signalled.
lock() {
  is_told=
  while :; do
    if flock -w 1 "-$1" 9; then
      # A collection that was waited for has removed the lock itself: then another one is in its place, or none.
      [ "$kept.lock" -ef /proc/self/fd/9 ] && return
      exec 9>>"$kept.lock"
      continue
    fi
    ! is_unwanted || leave
    [ -n "$is_told" ] || tell "waiting for another job that runs the same setup"
    is_told=1
  done
}

# Keeps what the setup made: all of it, or nothing, and then `why` says the reason.
make_kept() {
  why="it could not be compared with the project."
  compare_work || return
  if [ -s changed ]; then
    why="it changed files of the project: $(name_changed). Let it write into a folder of its own."
    return 1
  fi
  if [ -s special ]; then
    why="it made a pipe, a socket or a device: $(cat special). Let it remove that."
    return 1
  fi
  if [ "$(wc -l <made)" -gt "$most" ]; then
    why="it made more than $most separate files and folders in those of the project. Let it make one folder, such as .venv."
    return 1
  fi
  while IFS= read -r path; do
    # To move a folder takes the right to write to it, which root always has.
    [ -d "$work/$path" ] && [ ! -L "$work/$path" ] && [ ! -w "$work/$path" ] || continue
    why="it made $path read-only, and a server that is not root cannot move that. Let it leave that folder writable."
    return 1
  done <made
  if [ ! -e /proc/self/fd/9 ]; then
    # Of several at once one keeps it, and the others use what they have made.
    why=
    exec 9>>"$kept.lock"
    flock -n -x 9 && [ "$kept.lock" -ef /proc/self/fd/9 ] && [ ! -d "$kept" ] || return
  fi
  why="it could not be moved and saved."
  renew_work || return
  patiently rm -rf -- "$kept.new"
  # Listed by nobody, but passed through by the account of the job.
  (umask 066 && mkdir -p -- "$kept.new/tree") || return
  move_made && cat made >"$kept.new/paths" &&
    # On disk before it counts: after a power cut it is whole or absent.
    patiently sync -f -- "$kept.new" && mv -T -- "$kept.new" "$kept" && return
  while IFS= read -r path; do
    [ ! -e "$kept.new/tree/$path" ] && [ ! -L "$kept.new/tree/$path" ] || mv -T -- "$kept.new/tree/$path" "$work/$path" || exit 125
  done <made
  rm -rf -- "$kept.new"
  return 1
}

move_made() {
  straight=
  while IFS= read -r path; do
    ! is_unwanted || leave
    is_straight "$path" || return
    above=$kept.new/tree${above#"$work"}
    [ -d "$above" ] || (umask 066 && mkdir -p -- "$above") || return
    mv -T -- "$work/$path" "$kept.new/tree/$path" || return
  done <made
  patiently find_odd >odd || return
  [ -s odd ] || return 0
  why="the project has hard links to it, or beside it are names with control characters."
  return 1
}

# Whether the folders on the way from the project's folder to PATH below it are folders, and none of them is a link. Sets `above`.
is_straight() {
  case /$1/ in */../* | */./* | *//*) return 1 ;; esac
  above=$work
  case $1 in */*) above=$above/${1%/*} ;; esac
  # Mostly that of the path before.
  [ "$above" != "$straight" ] || return 0
  [ "$(cd -P -- "$above" && pwd -P)" = "$above" ] && straight=$above
}

# Whether all that is kept can be given: what the project has itself comes first, and a link among the folders above would lead
# bwrap elsewhere. Otherwise `why` says the reason.
fits() {
  straight=
  while IFS= read -r path; do
    ! is_unwanted || leave
    why="${path%/*} is no folder of this project."
    is_straight "$path" || return
    why="this project has $path itself."
    [ ! -e "$work/$path" ] && [ ! -L "$work/$path" ] || return
  done <"$kept/paths"
} 2>/dev/null

# Lists what to bind. Only files and folders: bwrap follows a link as it stands outside, so a link is copied. Nothing is given in
# part, on a full disk neither.
bind_kept() {
  touch -- "$kept"
  while IFS= read -r path; do
    ! is_unwanted || leave
    if [ -L "$kept/tree/$path" ]; then
      cp -P -- "$kept/tree/$path" "$work/$path" || exit 125
    else
      printf '%s\0' --ro-bind "$kept/tree/$path" "$root/$path" || exit 125
    fi
  done <"$kept/paths" >binds
  binds=binds
} 2>/dev/null
