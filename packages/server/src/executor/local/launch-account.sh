# Runs the job under an account of its own. Sourced by the supervisor in a subshell, as root, with the arguments
#
#   SETUP ROOT FOLDER SETSID SETPRIV UID GID HOME CHECKPOINTS COMMAND [ARG...]
#
# SETUP is a shell line that runs in ROOT before the command, or empty. It runs for each attempt: see launch-plain.sh.
setup=$1
root=$2
folder=$3
setsid=$4
setpriv=$5
uid=$6
gid=$7
home=$8
checkpoints=$9
shift 9
trap : TERM HUP INT QUIT
# A shell tells of a command that a signal has ended, and the log is the job's.
exec 4>&2 2>/dev/null

# Becomes a program with the job's account and groups. Its environment is the supervisor's.
drop() { exec "$setpriv" --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs "$@"; }

# KILLs everything of the account, all at once.
kill_account() { (drop /bin/sh -c 'kill -s KILL -- -1' 4>&- 6<&-) 2>/dev/null; }

# Runs a command in a folder, and ends everything of its account; sets `code` and `how`. The job's variables are taken by a
# shell that has the job's account: one of them could load a library into whatever starts next.
run() {
  (
    trap - TERM HUP INT QUIT
    exec 2>&4 4>&-
    enter_cgroup || exit 125
    record_job self || exit $?
    folder_inside=$1
    shift
    drop /bin/sh -s -- "$folder_inside" "$setsid" "$@" </proc/self/fd/6 6<&-
  )
  code=$?
  settle_how
  job=
  read -r job _ <job
  [ -z "$job" ] || end_group "$job" "$how"
  # A command beside the job is started by root, whom no KILL of the account reaches until it has dropped to it.
  close_beside
  end_beside kill_account
  (drop /bin/sh -s -- "$home" "$checkpoints" <"$programs/sweep-account.sh" 4>&- 6<&-)
}

if [ -n "$setup" ]; then
  . "$programs/setup.sh"
  run_setup_each_time
  open_beside
fi
run "$folder" "$@"
printf '%s %s\n' "$how" "$code" >ended
exit "$code"
