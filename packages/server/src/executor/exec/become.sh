# Becomes the command, where it runs and as who it runs. Given to a shell as text, with the arguments
#
#   FOLDER UMASK PROCESSES SETSID COMMAND [ARG...]
#
# Its variables are on 4. They are taken last: one of them could load a library into whatever starts next.
umask "$2"
[ -z "$3" ] || { ulimit -u "$3" || ulimit -p "$3"; } 2>/dev/null
cd -P -- "$1" || exit 125
shift 3
variables=$(cat <&4)
exec 4<&-
eval "$variables"
unset variables OLDPWD
if ! command -v -- "$2" >/dev/null; then
  printf 'fetchml: cannot run "%s": there is no such command where the job runs\n' "$2" >&2
  exit 127
fi
exec "$@"
