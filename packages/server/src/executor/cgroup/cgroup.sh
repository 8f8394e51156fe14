# What the shell programs of an attempt do with its cgroup. Sourced after control.sh, in the control folder; forks nothing.

# Sets `cgroup` to the folder of the attempt's cgroup, empty where it has none.
read_cgroup() {
  cgroup=
  read -r _ _ _ cgroup 2>/dev/null <cgroup
}

# Moves this shell, and so what it becomes, into the cgroup: 0 stands for whoever writes.
enter_cgroup() {
  [ -z "$cgroup" ] || printf '0\n' >"$cgroup/cgroup.procs"
}

# KILLs everything in the cgroup, what is just being forked too.
kill_cgroup() {
  [ -z "$cgroup" ] || printf '1\n' >"$cgroup/cgroup.kill"
} 2>/dev/null

# Whether a process is alive in there. Zombies do not count.
is_populated() {
  while read -r key value; do
    [ "$key $value" != 'populated 1' ] || return 0
  done <"$cgroup/cgroup.events"
  return 1
} 2>/dev/null

# Ends everything in the cgroup. Gives up after ten seconds: nothing but the kernel can hold it then.
end_cgroup() {
  [ -n "$cgroup" ] || return 0
  rounds=0
  while is_populated; do
    [ "$rounds" -gt 0 ] || kill_cgroup
    rounds=$((rounds + 1))
    [ "$rounds" -lt 1000 ] || break
    if [ "$rounds" -le 20 ]; then (:); else sleep 0.01; fi
  done
}

# Keeps in `peak` the most memory that the attempt has used, "BYTES attempt". Kernels before 5.19 do not tell.
keep_peak() {
  [ -n "$cgroup" ] || return 0
  peak=
  read -r peak <"$cgroup/memory.peak"
  [ -z "$peak" ] || printf '%s attempt\n' "$peak" >peak
} 2>/dev/null

# Tells a job that the kernel has ended for want of memory: `how` becomes host-oom, and `code` "LIMIT PEAK", the limit that it
# hit, `-` where it was the box that had no memory left, and the most that it used, `-` where the kernel does not tell (before 5.19).
settle_oom() {
  [ -n "$cgroup" ] || return 0
  case $how in exited | setup) ;; *) return 0 ;; esac
  [ "$code" -ne 0 ] || return 0
  hits=0 kills=0
  while read -r key value; do
    case $key in
      oom) hits=$value ;;
      oom_kill) kills=$value ;;
    esac
  done <"$cgroup/memory.events"
  [ "$kills" -gt 0 ] || return 0
  limit=max peak=
  [ "$hits" -eq 0 ] || read -r limit <"$cgroup/memory.max"
  read -r peak <"$cgroup/memory.peak"
  how=host-oom
  [ "$limit" != max ] || limit=-
  code="$limit ${peak:--}"
} 2>/dev/null
