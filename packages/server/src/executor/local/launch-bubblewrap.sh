# Runs the job in a sandbox of bubblewrap. Sourced by the supervisor in a subshell, with the arguments
#
#   SETUP KEPT ROOT FOLDER SETSID BWRAP SETPRIV UID PROCESSES COMMAND [ARG...]
#
# SETUP is a shell line that runs in ROOT before the command, or empty; KEPT is where what it makes is kept, or empty; ROOT and
# FOLDER are paths inside, the others outside. The options of bwrap, with the job's variables among them, are read from 6, so that no
# process list and no disk shows them. Without UID the job keeps the account of the server. PROCESSES is how many it may have.
setup=$1
kept=$2
root=$3
folder=$4
setsid=$5
bwrap=$6
setpriv=$7
uid=$8
processes=$9
shift 9
# A signal meant for a whole group must not cost the end of the job. Caught, not ignored: the job would inherit that.
trap : TERM HUP INT QUIT
# A shell tells of a command that a signal has ended, and the log is the job's.
exec 4>&2 2>/dev/null

# Minds one run: names the job once its sandbox stands, lets it go, and ends what it leaves. Reads what bwrap and init.sh say
# on 3 and answers on 5. What it reads comes from the sandbox's side: a job may write there too, at its own expense.
mind() {
  # A job that writes a line without end must not fill the box's memory.
  ulimit -v 65536
  init=
  while read -r line <&3; do
    case $line in
      *'"child-pid": '*)
        init=${line#*\"child-pid\": }
        init=${init%%[!0-9]*}
        ;;
      ready) break ;;
    esac
  done
  # Without that the sandbox could not be set up: its complaint is in the log.
  [ "$line" = ready ] && [ -n "$init" ] && read_start "$init" || exit 0
  init_start=$started
  # Where there is no room for it there is none for the job's line either, and that says so.
  printf '%s %s\n' "$init" "$init_start" 2>/dev/null >init
  find_child "$init"
  answer=no
  [ -n "$child" ] && record_job "$child" && answer=go
  printf '%s\n' "$answer" >&5
  while read -r line <&3; do
    case $line in 'ended '*) break ;; esac
  done
  settle_how
  # Without a code, init is gone already and the code is that of bwrap.
  code=${line#ended }
  case $code in
    '' | *[!0-9]* | ????*) ;;
    *)
      [ -z "$child" ] || end_group "$child" "$how"
      printf '%s %s\n' "$how" "$code" >ended
      ;;
  esac
  # And with it everything in its PID namespace, whatever session it has.
  if is_alive init; then kill -s KILL "$init"; fi
}

# Runs a command in a folder inside, with the further options of bwrap that the file `binds` holds; sets `code` and `how`.
run() {
  run_folder=$1
  shift
  set -- -- /bin/sh /.fetchml/init "$run_folder" "$processes" "$setsid" "$@"
  set -- "$bwrap" --args 6 --args 4 "$@"
  if [ -n "$uid" ]; then
    set -- "$setpriv" --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs "$@"
  fi
  # 3 and 7: what bwrap and init say; 5 and 0: the answer.
  open_pipe 3 7
  open_pipe 0 5
  # By exec: dash keeps what a function call redirects, and mind would wait for its own end of the pipe.
  (
    exec 4>&- 6<&- 7>&- 9>&- </dev/null
    mind
  ) &
  minder=$!
  (
    enter_cgroup || exit 125
    exec "$@"
  ) 2>&4 3<&- 4<"$binds" 5<"$programs/init.sh" 6</proc/self/fd/6 8>&7 9>&-
  code=$?
  exec 0</dev/null 3<&- 5>&- 7>&-
  wait "$minder"
  if [ -s ended ]; then read -r how code <ended; else settle_how; fi
}

binds=/dev/null
if [ -n "$setup" ]; then
  . "$programs/setup.sh"
  if [ -n "$kept" ]; then
    . "$programs/keep-setup.sh"
    run_setup_once
  else
    run_setup
  fi
fi
run "$folder" "$@"
exit "$code"
