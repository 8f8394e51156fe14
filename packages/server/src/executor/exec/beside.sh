# What an attempt's control folder tells of the commands beside its job. Sourced after control.sh, in the control folder. The commands
# of an attempt that ends are ended first, so that nothing is left to start a process where it was swept already.

# Counts this shell, which minds one of them; sets `beside`. Fails when none may begin any more. Counted before the look at the
# marker, and those who write the marker count afterwards: one of the two sees the other.
count_beside() {
  read_start self || return 1
  beside=beside.${stat%% *}
  printf '%s %s\n' "${stat%% *}" "$started" >"$beside" && [ ! -e closing ] && return
  rm -f "$beside"
  return 1
}

# From here on none begins.
close_beside() { printf 'closing\n' >closing; }

# They may begin again: a command follows the setup that has ended.
open_beside() { rm -f closing; }

# Whether one is left.
has_beside() {
  for path in beside.*; do
    ! is_alive "$path" || return 0
  done
  return 1
}

# Does $1, which ends what they run, until they have gone. Gives up after ten seconds: nothing but the kernel can hold them then.
end_beside() {
  rounds=0
  while has_beside; do
    "$1"
    rounds=$((rounds + 1))
    [ "$rounds" -lt 500 ] || break
    sleep 0.02
  done
}
