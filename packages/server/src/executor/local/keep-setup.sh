# Keeps what a setup makes in the project's folder, and gives it to later attempts. Sourced by a launcher beside setup.sh, with
# `kept` set to where that is, and with the list `binds` of paths that the command gets read-only from there.
#
# KEPT/tree holds what was made, KEPT/paths names it, a path a line; KEPT appears whole, by rename. KEPT.lock is held by
# whoever makes it (exclusive) and by every attempt that uses it (shared); the kernel lets go of it however they end. Whoever
# holds it exclusively may remove it.

work=$control/../job/work

# Takes the kept setup, or runs the setup and keeps what it made.
run_setup_once() {
  exec 9>>"$kept.lock"
  lock s
  if [ ! -d "$kept" ]; then
    lock x
    # Somebody else may have been first.
    [ -d "$kept" ] || make_kept
    lock s
  else
    tell "setup kept from an earlier job: $setup"
  fi
  [ ! -d "$kept" ] || bind_kept
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
    [ ! -s cancel ] && [ ! -s timed-out ] && [ ! -s guarded ] || exit 143
    [ -n "$is_told" ] || tell "waiting for another job that runs the same setup"
    is_told=1
  done
}

make_kept() {
  list_work >before
  run_setup
  list_work >after
  rm -rf -- "$kept.new"
  # Listed by nobody, but passed through by the account of the job.
  (umask 066 && mkdir -p -- "$kept.new/tree") || return
  LC_ALL=C comm -13 before after | outermost >"$kept.new/paths"
  rm -f before after
  real_work=$(cd -P -- "$work" && pwd -P)
  while IFS= read -r path; do
    is_straight "$real_work" "$path" &&
      (umask 066 && mkdir -p -- "$kept.new/tree/$(dirname -- "$path")") &&
      mv -T -- "$work/$path" "$kept.new/tree/$path" || tell "cannot keep $path"
  done <"$kept.new/paths"
  # A file of the project that shares its content with a kept one would be a way to write into that.
  if [ -n "$(find "$work" -type f -links +1 -print -quit)" ]; then
    tell "what it made is not kept: the project has hard links to it"
    while IFS= read -r path; do mv -T -- "$kept.new/tree/$path" "$work/$path"; done <"$kept.new/paths"
    rm -rf -- "$kept.new"
    return
  fi
  # On disk before it counts: after a power cut it is whole or absent.
  sync -f -- "$kept.new" && mv -T -- "$kept.new" "$kept"
}

# Every path below the project's folder, sorted. A name with a control character is left out, and what lies below it: a line
# break would make two paths of one, and `outermost` would make a slash of another. No link is followed.
list_work() {
  (
    cd -P -- "$work" &&
      LC_ALL=C find . -mindepth 1 -name '*[[:cntrl:]]*' -prune -o -print |
      sed 's|^\./||' | LC_ALL=C sort
  )
}

# Whether the folders on the way from BASE, which holds no link, to PATH below it are folders, and none of them is a link.
is_straight() {
  case /$2/ in */../* | */./* | *//*) return 1 ;; esac
  above=$(dirname -- "$2")
  [ "$above" != . ] || above=
  above=$1${above:+/$above}
  [ "$(cd -P -- "$above" && pwd -P)" = "$above" ]
}

# Drops from sorted paths those that lie below another one. A slash sorts first then, so that they follow it at once.
outermost() {
  tr '/' '\001' | LC_ALL=C sort | tr '\001' '/' |
    LC_ALL=C awk 'last == "" || index($0, last "/") != 1 { print; last = $0 }'
}

# Lists what to bind. Only files and folders: bwrap follows a link as it stands outside, so a link is copied. And only where
# the folders above are folders: a link among those leads bwrap elsewhere too. What the snapshot has at a path comes first.
bind_kept() {
  touch -- "$kept"
  real_work=$(cd -P -- "$work" && pwd -P)
  while IFS= read -r path; do
    is_straight "$real_work" "$path" || continue
    if [ -e "$work/$path" ] || [ -L "$work/$path" ]; then continue; fi
    if [ -L "$kept/tree/$path" ]; then
      cp -P -- "$kept/tree/$path" "$work/$path"
    elif [ -f "$kept/tree/$path" ] || [ -d "$kept/tree/$path" ]; then
      binds="$binds
$path"
    fi
  done <"$kept/paths"
} 2>/dev/null
