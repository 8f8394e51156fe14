# What the shell programs of an attempt read in its control folder and in /proc. Sourced; forks nothing.

# Sets `started` to the start time of process $1, a pid or "self" (field 22 of its stat: ticks since boot). Fails when it
# is gone or dead. `stat` begins with its pid.
# The name of a process may hold spaces and parentheses, so fields are counted from the last parenthesis.
read_start() {
  started=
  read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- ${stat##*) }
  case $1 in Z | X) return 1 ;; esac
  started=${20}
}

# Whether the process that file $1 names by pid and start time is alive; sets `pid`.
is_alive() {
  pid= recorded=
  read -r pid recorded _ 2>/dev/null <"$1"
  [ -n "$recorded" ] && read_start "$pid" && [ "$started" = "$recorded" ]
}

# Sends signal $1 to process group $2. dash wants the two dashes, busybox cannot have them.
signal_group() {
  kill -s "$1" -- "-$2" || kill -s "$1" "-$2"
} 2>/dev/null

# Whether group $1 has a member that is not dead: zombies take signals too, until somebody reaps them. Reads all of /proc.
has_living_member() {
  for path in /proc/[0-9]*/stat; do
    read -r stat 2>/dev/null <"$path" || continue
    set -- "$1" ${stat##*) }
    case $2 in Z | X) continue ;; esac
    [ "$4" != "$1" ] || return 0
  done
  return 1
}

# Sets `child` to a child of process $1, empty when it has none. Kernels can be built without the quick way.
find_child() {
  child=
  if [ -e "/proc/$1/task/$1/children" ]; then
    read -r child _ <"/proc/$1/task/$1/children"
    return
  fi
  for path in /proc/[0-9]*/stat; do
    read -r stat 2>/dev/null <"$path" || continue
    set -- "$1" ${stat##*) }
    [ "$3" != "$1" ] || child=${stat%% *}
  done
}

# Sets `now` to the time since boot in centiseconds: no change of the clock moves it.
read_uptime() {
  read -r uptime _ </proc/uptime
  now=${uptime%.*}${uptime#*.}
  # A leading zero would make the number octal.
  now=${now#0}
}

# Sets `limit` to when KILL is due: the earliest of those of the cancel, the time-out and the guard; $1 when there is none.
read_limit() {
  limit=
  for marker in cancel timed-out guarded; do
    due=
    read -r due _ 2>/dev/null <"$marker"
    [ -n "$due" ] || continue
    if [ -z "$limit" ] || [ "$due" -lt "$limit" ]; then limit=$due; fi
  done
  limit=${limit:-$1}
}

# Opens a pipe: file descriptor $1 reads from it, $2 writes to it. Shells make a short here-document a pipe, and Linux opens
# its other end by name. Where it is a file (old bash), a named pipe is made and removed.
open_pipe() {
  eval "exec $1<<LINE
-
LINE
read -r _ <&$1"
  if [ -p "/proc/self/fd/$1" ]; then
    eval "exec $2>/proc/self/fd/$1"
  else
    mkfifo pipe || exit 1
    eval "exec $1<>pipe $2>pipe $1<pipe"
    rm -f pipe
  fi
}

# Names process $1, a pid or "self", as the job. On disk before the look at the markers, so that whoever writes a marker and
# finds no job here knows that it is seen. Fails with 143, as by TERM, when the job is not wanted any more.
record_job() {
  read_start "$1" || return 125
  if ! printf '%s %s\n' "${stat%% *}" "$started" 2>/dev/null >job; then
    printf 'fetchml: the disk was full, and the job could not be started\n' >&2
    return 125
  fi
  if [ -s cancel ] || [ -s timed-out ] || [ -s guarded ]; then return 143; fi
}

# Sets `how` to the reason for which a job ends now: settled by what is on disk when its main process has ended.
settle_how() {
  how=exited
  # "DUE HOW …", written by the server when the job has gone beyond one of its bounds.
  [ ! -s guarded ] || read -r _ how _ <guarded
  [ ! -s cancel ] || how=cancelled
  [ ! -s timed-out ] || how=timed-out
}

# Ends what the main process of job $1 left behind in its group: that has the rest of the grace, or two seconds where nobody
# ended the job ($2 is "exited").
end_group() {
  signal_group 0 "$1" || return 0
  [ "$2" != exited ] || signal_group TERM "$1"
  read_uptime
  fallback=$((now + 200))
  rounds=0
  while signal_group 0 "$1"; do
    # Now and then, because it looks at every process.
    rounds=$((rounds + 1))
    [ $((rounds % 16)) -ne 2 ] || has_living_member "$1" || break
    read_limit "$fallback"
    read_uptime
    [ "$now" -lt "$limit" ] || signal_group KILL "$1"
    # Nothing but the kernel can hold it now.
    [ "$now" -lt $((limit + 1000)) ] || break
    sleep 0.02
  done
}
