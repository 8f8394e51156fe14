# Becomes the job, without a sandbox. Sourced by the supervisor in a subshell, with the arguments FOLDER SETSID COMMAND
# [ARG...]; SETSID is absolute, because from the job's PATH it may not be found.
record_job
cd -P -- "$1" || exit 125
unset OLDPWD
# From here on the job's variables stand in this shell: none of its own is used any more.
. "$control/environment"
shift
umask 022
if ! command -v -- "$2" >/dev/null; then
  printf 'fetchml: cannot run "%s": no such command on this box\n' "$2" >&2
  exit 127
fi
exec "$@"
