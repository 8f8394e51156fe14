# The first process of a sandbox: when it ends, so does everything in there. Runs inside, as
#
#   sh init.sh FOLDER PROCESSES SETSID COMMAND [ARG...]
#
# Speaks with the `mind` of launch-bubblewrap.sh: says on 8 that it is ready and how the command ended, hears on 0. The command
# runs in the foreground, because in the background a shell would have it ignore INT and QUIT.
# A shell tells of a command that a signal has ended, and the log is the job's.
exec 9>&2 2>/dev/null
(
  exec 2>&9 9>&-
  printf 'ready\n' >&8
  read -r answer || exit 125
  [ "$answer" = go ] || exit 143
  exec 8>&- </dev/null
  umask 022
  cd -P -- "$1" || exit 125
  unset OLDPWD
  # Counted by namespace, so each sandbox has its own. Shells do not agree on the letter, and a lower limit of the box stays.
  { ulimit -u "$2" || ulimit -p "$2"; } 2>/dev/null
  shift 2
  if ! command -v -- "$2" >/dev/null; then
    printf 'fetchml: cannot run "%s": no such command in the sandbox of this box\n' "$2" >&2
    exit 127
  fi
  exec "$@"
)
code=$?
printf 'ended %s\n' "$code" >&8
# What the command left in its group has its time now. Then comes KILL; the end of the pipe says that nobody is there to send it.
read -r _
exit "$code"
