# Runs the setup of a job before its command. Sourced by a launcher, which has set `setup`, the shell line, and `root`, where it
# runs as the job sees it, and whose `run FOLDER COMMAND [ARG...]` sets `code` and `how`.

# Tells of the setup in the job's log.
tell() { printf 'fetchml: %s\n' "$1"; }

# Runs the setup where a sandbox gives each attempt a folder of its own path, so that what it makes is no good for another.
run_setup_each_time() {
  run_setup
  tell "what the setup made is not kept, and so it runs for each attempt: only jobs in the sandbox of bubblewrap have the same paths."
}

# Runs the setup. When it fails, that is how the attempt ended: this does not return.
run_setup() {
  tell "setup: $setup"
  read_uptime
  setup_began=$now
  run "$root" /bin/sh -c "$setup"
  read_uptime
  setup_took=$(((now - setup_began) / 100)).$(((now - setup_began) / 10 % 10))
  # Without a job it could not be started, and the supervisor says so.
  [ -s job ] || exit 125
  if [ "$how" != exited ]; then
    tell "setup was ended after $setup_took s"
    exit "$code"
  fi
  if [ "$code" -ne 0 ]; then
    tell "setup failed after $setup_took s with exit code $code; the command does not run"
    printf 'setup %s\n' "$code" >ended
    exit "$code"
  fi
  tell "setup done in $setup_took s"
  # The command is another job to the control folder, with an end of its own.
  : >job
  : >ended
}
