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

# Sets `now` to the time since boot in centiseconds: no change of the clock moves it.
read_uptime() {
  read -r uptime _ </proc/uptime
  now=${uptime%.*}${uptime#*.}
  # A leading zero would make the number octal.
  now=${now#0}
}

# Sets `limit` to when KILL is due: the earlier of the cancel's and the time-out's; $1 when there is neither.
read_limit() {
  limit=
  for marker in cancel timed-out; do
    due=
    read -r due _ 2>/dev/null <"$marker"
    [ -n "$due" ] || continue
    if [ -z "$limit" ] || [ "$due" -lt "$limit" ]; then limit=$due; fi
  done
  limit=${limit:-$1}
}
