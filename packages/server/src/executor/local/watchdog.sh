# Ends an attempt that is over its time or over the grace of its cancel, whether or not a server runs.
#
#   sh watchdog.sh CONTROL
#
# Reads deadline ("DUE TIMEOUT_MS") and cancel ("DUE ..."), both in centiseconds since boot, again at every USR1.
umask 077
cd -- "$1" || exit 1
. "${0%/*}/control.sh"
. "${0%/*}/cgroup.sh"
read_cgroup

# KILL, because a child that has not yet become `sleep` would take TERM with this shell's handler and sleep on.
nap= is_over=
trap 'nudged=1; [ -z "$nap" ] || kill -s KILL "$nap"' USR1
trap 'is_over=1; [ -z "$nap" ] || kill -s KILL "$nap"' TERM
read_start self
me="$$ $started"
# One watchdog an attempt: a second one nudges the first and leaves.
set -C
if ! printf '%s\n' "$me" >watchdog; then
  set +C
  if is_alive watchdog; then
    kill -s USR1 "$pid"
    exit 0
  fi
  printf '%s\n' "$me" >watchdog
fi
set +C

# Sends a signal to the job's group, when it is still that job. A job not begun yet sees the marker before it begins.
signal_job() {
  # In a sandbox nothing gets past the end of its first process.
  if [ "$1" = KILL ] && is_alive init; then kill -s KILL "$pid"; fi
  if is_alive job; then signal_group "$1" "$pid" || kill -s "$1" "$pid"; fi
  [ "$1" != KILL ] || kill_cgroup
}

while [ -z "$is_over" ] && [ ! -s exit ]; do
  is_alive supervisor || is_alive job || break
  nudged=
  read_uptime
  read_limit ''
  if [ -n "$limit" ]; then
    rest=$((limit - now))
    if [ "$rest" -le 0 ]; then
      signal_job KILL
      rest=100
    fi
  else
    due=
    read -r due timeout_ms 2>/dev/null <deadline
    [ -n "$due" ] || break
    rest=$((due - now))
    if [ "$rest" -le 0 ]; then
      # On a full disk it tries again, and not too often.
      printf '%s %s\n' $((now + 1500)) "$timeout_ms" >timed-out || sleep 1
      signal_job TERM
      continue
    fi
  fi
  # In slices, because `sleep` does not count the time a box was suspended.
  [ "$rest" -le 1000 ] || rest=1000
  part=$((rest % 100))
  [ "$part" -ge 10 ] || part=0$part
  sleep "$((rest / 100)).$part" &
  nap=$!
  [ -z "$nudged$is_over" ] || kill -s KILL "$nap"
  wait "$nap"
  nap=
done
