# Runs the job without a sandbox. Sourced by the supervisor in a subshell, with the arguments
#
#   SETUP ROOT FOLDER SETSID COMMAND [ARG...]
#
# SETUP is a shell line that runs in ROOT before the command, or empty. It runs for each attempt: without a sandbox the folder of an
# attempt has a path of its own, at which nothing that SETUP makes would be valid for another attempt. The command starts in
# FOLDER. SETSID is absolute, because from the job's PATH it may not be found.
setup=$1
root=$2
folder=$3
setsid=$4
shift 4

# Becomes the job: a command in a folder, as leader of a session of its own.
become() {
  enter_cgroup || exit 125
  record_job self || exit $?
  cd -P -- "$1" || exit 125
  unset OLDPWD
  shift
  set -- "$setsid" "$@"
  # From here on the job's variables stand in this shell: none of its own is used any more.
  . /proc/self/fd/6
  exec 6<&-
  umask 022
  if ! command -v -- "$2" >/dev/null; then
    printf 'fetchml: cannot run "%s": no such command on this box\n' "$2" >&2
    exit 127
  fi
  exec "$@"
}

# Runs a command and ends what it leaves in its group; sets `code` and `how`.
run() {
  # A shell tells of a command that a signal has ended, and the log is the job's.
  exec 4>&2 2>/dev/null
  (
    exec 2>&4 4>&-
    become "$@"
  )
  code=$?
  exec 2>&4 4>&-
  settle_how
  read -r job _ <job
  [ -z "$job" ] || end_group "$job" "$how"
}

if [ -n "$setup" ]; then
  . "$programs/setup.sh"
  run_setup_each_time
fi
become "$folder" "$@"
