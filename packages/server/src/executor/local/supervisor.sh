# Supervises one attempt: claims it, starts its job, keeps its log and writes how it ended. It outlives the server.
#
#   sh supervisor.sh CONTROL BOOT_ID LAUNCHER [ARG...]
#
# The launcher is a shell program, sourced in a subshell that it turns into the job (see launch-plain.sh).
# A fork with exec costs ten times what a builtin does (1.2 ms against 0.1 ms), so nothing is forked where a builtin does.
umask 077
cd -- "$1" || exit 1
control=$1
boot=$2
launcher=$3
shift 3
. "${0%/*}/control.sh"

# The claim: created exclusively, so that however many supervisors are started for an attempt, one goes on.
read_start self
read_uptime
set -C
printf '%s %s %s %s\n' $$ "$started" "$boot" "$now" >supervisor || exit 0
set +C

# A signal meant for a whole group or user must not cost the exit file. Caught, not ignored: the job would inherit that.
trap : TERM HUP INT QUIT USR1 USR2 ALRM PIPE

if [ -s deadline ]; then sh "${0%/*}/watchdog.sh" "$control" & fi

# The pipe of the log: 3 reads, 4 writes. Shells make a short here-document a pipe, and Linux opens its other end by name.
# Where it is a file (old bash), a named pipe is made and removed.
exec 3<<LINE
-
LINE
read -r _ <&3
if [ -p /proc/self/fd/3 ]; then
  exec 4>/proc/self/fd/3
else
  mkfifo pipe || exit 1
  exec 3<>pipe 4>pipe 3<pipe
  rm -f pipe
fi
cat <&3 3<&- 4>&- >>log &
cat=$!
exec 3<&-

# For the launcher: names the process it runs in as the job. On disk before the look at the markers, so that whoever writes
# a marker and finds no job here knows that it is seen.
record_job() {
  read_start self
  printf '%s %s\n' "${stat%% *}" "$started" >job || exit 125
  if [ -s cancel ] || [ -s timed-out ]; then exit 143; fi
}

# In the foreground: in the background it would start with INT and QUIT ignored, and `wait` would return at any signal.
(. "$launcher") >&4 2>&1 4>&-
code=$?
exec 4>&-

# The reason is settled by what was on disk when the main process ended.
how=exited
[ ! -s cancel ] || how=cancelled
[ ! -s timed-out ] || how=timed-out

# What the main process left behind in its group gets the rest of the grace, or two seconds where nobody ended it.
job=
read -r job _ <job
if [ -n "$job" ] && signal_group 0 "$job"; then
  [ "$how" != exited ] || signal_group TERM "$job"
  read_uptime
  fallback=$((now + 200))
  rounds=0
  while signal_group 0 "$job"; do
    # Now and then, because it looks at every process.
    rounds=$((rounds + 1))
    [ $((rounds % 16)) -ne 2 ] || has_living_member "$job" || break
    read_limit "$fallback"
    read_uptime
    [ "$now" -lt "$limit" ] || signal_group KILL "$job"
    # Nothing but the kernel can hold it now.
    [ "$now" -lt $((limit + 1000)) ] || break
    sleep 0.02
  done
fi

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
  [ "$rounds" -lt 240 ] || kill -s KILL "$cat"
  sleep 0.01
done

# One line in one write; readers take a line without its end for absent, so no second name is needed.
case $how in
  timed-out) read -r _ timeout_ms <timed-out && printf 'timed-out %s %s\n' "$code" "$timeout_ms" >exit ;;
  *)
    if [ -n "$job" ]; then
      printf '%s %s\n' "$how" "$code" >exit
    else
      printf 'failed-to-start "its first process could not be started"\n' >exit
    fi
    ;;
esac

if is_alive watchdog; then kill -s TERM "$pid"; fi
