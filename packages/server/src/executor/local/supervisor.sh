# Supervises one attempt: claims it, starts its job, keeps its log and writes how it ended. It outlives the server.
#
#   sh supervisor.sh CONTROL PLACE MAX_LOG LAUNCHER [ARG...]
#
# MAX_LOG is how many bytes its log may take on disk, 0 for any (see keep-log.sh). The launcher is a shell program, sourced in a
# subshell that runs the job or becomes it (see launch-plain.sh). Standard input is a
# file without a name that holds the job's variables; launchers open /proc/self/fd/6 anew, and so read it from its beginning.
# 3 and 4 are the ends of the pipe of the log.
# A fork with exec costs ten times what a builtin does (1.2 ms against 0.1 ms), so nothing is forked where a builtin does.
umask 077
exec 6<&0 </dev/null
cd -- "$1" || exit 1
control=$1
place=$2
max_log=$3
launcher=$4
shift 4
programs=${0%/*}
. "$programs/control.sh"
. "$programs/keep-log.sh"
. "$programs/cgroup.sh"
. "$programs/beside.sh"
read_cgroup

# The claim: created exclusively, so that however many supervisors are started for an attempt, one goes on.
read_start self
read_uptime
# A shell ends where it cannot open the file. One that cannot write into its own gives the claim back: the disk is full.
set -C
exec 5>supervisor || exit 0
set +C
printf '%s %s %s %s\n' $$ "$started" "$place" "$now" >&5 || {
  rm -f supervisor
  exit 1
}
exec 5>&-

# A signal meant for a whole group or user must not cost the exit file. Caught, not ignored: the job would inherit that.
trap : TERM HUP INT QUIT USR1 USR2 ALRM PIPE

if [ -s deadline ]; then sh "$programs/watchdog.sh" "$control" 3<&- 4>&- 6<&- & fi

# By `exec`: for a redirection of its own a function keeps what it replaces open, and so would keep the pipe.
{
  exec <&3 3<&- 4>&- 6<&- >>log
  keep_log "$max_log"
} &
cat=$!
exec 3<&-

# In the foreground: in the background it would start with INT and QUIT ignored, and `wait` would return at any signal.
(. "$launcher") >&4 2>&1 4>&-
code=$?
exec 4>&- 6<&-

# A launcher that did not become the job has written how it ended.
how=
[ ! -s ended ] || read -r how code <ended
[ -n "$how" ] || settle_how
close_beside
job=
read -r job _ <job
[ -z "$job" ] || end_group "$job" "$how"
[ -z "$cgroup" ] || end_beside kill_cgroup
end_cgroup
settle_oom
keep_peak

# Before another try on a full disk. Where somebody has removed its folder there is nothing left to try.
wait_a_while() {
  [ -e supervisor ] || exit 1
  sleep 1
}

# The log is whole when cat has ended. A process that left the group may hold the pipe: it gets two seconds. A dead
# process has no exe, which one cheap call tells. Cat mostly ends within the first rounds; where it waits for this shell's
# processor, an empty subshell lets it have that, at a fraction of what `sleep` costs.
rounds=0
while [ -e "/proc/$cat/exe" ]; do
  rounds=$((rounds + 1))
  [ "$rounds" -gt 20 ] || continue
  if [ "$rounds" -le 40 ]; then
    (:)
    continue
  fi
  if [ "$rounds" -ge 240 ]; then
    find_child "$cat"
    kill -s KILL "$cat" $child
  fi
  sleep 0.01
done
is_full=
wait "$cat"
if [ $? -eq 3 ]; then
  is_full=1
  until mark_loss >>log; do wait_a_while; done
fi

# One line in one write; readers take a line without its end for absent, so no second name is needed. Fails on a full disk.
write_exit() {
  # Where a job fails while its disk is full, that is the likeliest reason.
  if [ -n "$is_full" ] && [ "$how" = exited ] && [ "$code" -ne 0 ]; then how=disk-full; fi
  case $how in
    no-output | disk-full)
      bounds=
      [ ! -s guarded ] || read -r _ _ bounds <guarded
      printf '%s %s %s\n' "$how" "$code" "${bounds:--}" >exit
      ;;
    timed-out)
      read -r _ timeout_ms <timed-out
      printf 'timed-out %s %s\n' "$code" "${timeout_ms:-0}" >exit
      ;;
    *)
      if [ -n "$job" ]; then
        printf '%s %s\n' "$how" "$code" >exit
      elif [ "$how" = cancelled ]; then
        printf 'cancelled -\n' >exit
      else
        printf 'failed-to-start "its first process could not be started; the end of its log may tell why"\n' >exit
      fi
      ;;
  esac
}
until write_exit; do
  is_full=1
  wait_a_while
done

if is_alive watchdog; then kill -s TERM "$pid"; fi
