# Keeps the log of an attempt, and cuts out its middle where it grows too large. Sourced by the supervisor.

# Bytes on either side of a cut that stay on disk though they are shown to nobody: in the value of a secret that crosses the
# edge of a cut, which is at most half as long, the part that is shown is still known for what it is.
edge=65536

# Writes to standard output, which is the file `log` opened to append, what it reads, until that ends. $1: how many bytes the
# log may take on disk; 0 for any. A full disk ends neither this nor the job: what finds no room is dropped, and the log says
# where. Fails with 3 when it has not said so in the end.
keep_log() {
  exec 4>&1
  # While there is room for its name.
  heard_at=0
  tell_heard
  size=0
  bound=$1
  # What dd says comes back through a pipe that this shell reads when it has ended: a subshell for it would be a fork.
  [ "$1" -eq 0 ] || open_pipe 7 8
  while :; do
    if [ "$1" -eq 0 ]; then
      cat 4>&- && return
    else
      room=$((bound - size))
      if copy "$room"; then
        # It says: perhaps a warning, "FULL+PARTIAL records in", as much out, "BYTES bytes copied". A short read counts as a
        # whole one, so that it may stop before it has copied all that it was to copy; where it has read less often, there is
        # nothing more to read.
        reads=${said%% records in*}
        reads=${reads##*[!0-9+]}
        copied=${said##*out
}
        case $copied in
          *copied*) size=$((size + ${copied%% *})) ;;
          # That of busybox may leave it out.
          *) size=$(stat -c %s log) ;;
        esac
        [ $((${reads%+*} + ${reads#*+})) -ge $(((room + 65535) / 65536)) ] || return 0
        [ "$size" -ge "$bound" ] || continue
        if cut_middle "$1"; then
          bound=$((bound + $1 / 8))
          continue
        fi
      fi
    fi
    lose || return
  done
}

# Copies so many bytes, or what there is until the end; sets `said` to what dd says of it. Fails where they find no room.
copy() {
  failed=
  dd bs=65536 iflag=count_bytes count="$1" >&4 2>&8 4>&- 7<&- 8>&- || failed=1
  printf 'end of what it says\n' >&8
  said=
  while read -r line <&7; do
    [ "$line" != 'end of what it says' ] || break
    said="$said$line
"
  done
  [ -z "$failed" ]
}

# Drops what finds no room, until there is room to say so. Fails with 3 at the end of what there is to read.
lose() {
  until mark_loss; do
    drop || return 3
  done
  size=$(stat -c %s log)
  [ "$size" -lt "$bound" ] || bound=$((size + 1))
}

# Drops what one read gives, so that no more is lost than must be. Sets `dropped` to what `dd` says. Fails at
# the end of what there is to read.
drop() {
  dropped=$(dd bs=65536 count=1 2>&1 >/dev/null)
  case $dropped in 0+0*) return 1 ;; esac
  tell_heard
}

# Says by the time of the file `heard`, once a second, that the job has written something, though the log does not grow by it.
tell_heard() {
  read_uptime
  [ "$now" -ge "$heard_at" ] || return 0
  heard_at=$((now + 100))
  # It stays empty, which a full disk has room for. Not by `:`, a failure of which would end the shell.
  true >heard || :
} 2>/dev/null

# Says in the log that something is missing. Fails while there is no room for it.
mark_loss() {
  printf '\nfetchml: the disk was full, and some of the log is missing here\n'
}

# Gives the middle of the log back to the disk: of $1 bytes one half stays at its head, three eighths at its end. Offsets stay as
# they are. `cut` names what nobody may read any more, "FROM TO", before it goes. Fails while that cannot be written.
cut_middle() {
  from=$(($1 / 2))
  to=$((size - $1 * 3 / 8))
  { printf '%s %s\n' "$from" "$to" >cut.new && mv -f cut.new cut; } || return
  length=$((to - from - 2 * edge))
  [ "$length" -le 0 ] || fallocate -p -o $((from + edge)) -l "$length" log && return
  # Not on this file system: the log ends here.
  printf '\nfetchml: the log has grown to its limit, and the rest of it is missing\n'
  while drop; do
    # The pipe was not full: what comes in the meantime has room there, and one that writes line by line costs no `dd` for each.
    case $dropped in 0+*) sleep 0.1 ;; esac
  done
  exit 0
}
