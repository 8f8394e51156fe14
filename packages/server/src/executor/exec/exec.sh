# Runs one command beside the job of an attempt and minds it: when whoever asked has gone, it ends it and all of its group. At the
# end of the command all that it has started ends too, where the attempt has a cgroup. Elsewhere, what has left the group, as by
# setsid, has the job's time: it ends with the attempt.
#
#   sh exec.sh CONTROL ENTERS COMMAND [ARG...]
#
# ENTERS says that the command is a child of the process that COMMAND
# becomes, in a PID namespace. Hears on 3 which signals to send, a line each; its end means TERM, and KILL two seconds later. The
# command reads its variables on 4. Its input and output are those of this program; its exit code too, 128+N for signal N.
umask 077
cd -- "$1" || exit 125
. "${0%/*}/control.sh"
. "${0%/*}/cgroup.sh"
. "${0%/*}/beside.sh"
read_cgroup
enters=$2
shift 2
trap : TERM HUP INT QUIT USR1 USR2 ALRM PIPE
count_beside || {
  printf 'fetchml: cannot run the command: the job is ending\n' >&2
  exit 125
}
# A shell tells of a command that a signal has ended.
exec 9>&2 2>/dev/null
# One of its own, within that of the attempt, which holds it to the same limits.
own=
if [ -n "$cgroup" ] && mkdir "$cgroup/$beside"; then
  own=$cgroup/$beside
  cgroup=$own
fi

# Sends signal $1 to the group of the command; before it has one of its own, to the command. Fails when it is gone.
order() {
  read_start "$command" && [ "$started" = "$began" ] || return 1
  signal_group "$1" "$target" || kill -s "$1" "$target"
}

# Sets `target` to the process whose group it is, and tells it: what it leaves in there is ended after it.
find_target() {
  target=$command
  [ -n "$enters" ] || return 0
  find_child "$command"
  while [ -z "$child" ] && read_start "$command"; do
    sleep 0.01
    find_child "$command"
  done
  [ -z "$child" ] || target=$child
  printf '%s\n' "$target" >&8
}

mind() {
  read -r command began <&7 || return
  find_target
  while read -r signal <&3; do
    case $signal in INT | TERM | KILL) order "$signal" ;; esac
  done
  order TERM || return
  rounds=0
  while [ "$rounds" -lt 100 ]; do
    rounds=$((rounds + 1))
    order 0 || return
    sleep 0.02
  done
  order KILL
}

# The first line is for the minder, the others name groups.
open_pipe 7 8
(
  exec </dev/null >/dev/null 4<&- 6<&- 9>&-
  mind
) &
minder=$!
(
  trap - TERM HUP INT QUIT USR1 USR2 ALRM PIPE
  enter_cgroup || exit 125
  read_start self || exit 125
  line="${stat%% *} $started"
  printf '%s\n%s\n' "$line" "$line" >&8
  exec 2>&9 3<&- 7<&- 8>&- 9>&-
  exec "$@"
)
code=$?
exec 3<&- 4<&- 6<&- 8>&-
kill -s KILL "$minder"
while read -r group _ <&7; do end_group "$group" exited; done
if [ -n "$own" ]; then
  end_cgroup
  rmdir "$own"
fi
rm -f "$beside"
exit "$code"
