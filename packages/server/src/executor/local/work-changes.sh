# Tells what a setup has made in the project's folder and what it has changed there. Sourced by keep-setup.sh, with `work` set.
# It lists the folder before and after, one process for any number of files; `find -printf` is not everywhere, `stat -c` is.

# How many separate paths can be kept: each is a mount, and bwrap takes a time that grows with their square (200: 0.1 s,
# 1,000: 1.7 s) for each attempt.
most=200

# How long a list may be, in blocks of 512 bytes: 256 MiB, which is a million files as a rule.
most_blocks=524288

# Whether the job is to end. While its setup is compared and kept there is no process of it that could be signalled.
is_unwanted() { [ -s cancel ] || [ -s timed-out ] || [ -s guarded ]; }

# Runs a command that may take long, and gives up when the job is to end. A dead process has no exe.
patiently() {
  "$@" 4>&- 6<&- &
  step=$!
  while [ -e "/proc/$step/exe" ]; do
    if is_unwanted; then
      find_child "$step"
      kill -s KILL "$step" $child
      leave
    fi
    sleep 0.01
  done
  wait "$step"
}

leave() {
  forget_work
  exit 143
}

# Writes down the folder as it is before the setup. Half a list, as on a full disk, is none.
note_work() {
  patiently list_work >before && patiently sum_work >sums || rm -f before sums
}

# Compares the folder with what note_work saw. Lists in `made` each outermost new path, at most one more than can be kept, in
# `changed` each path of the project that is gone or another, and in `special` one new path that is neither file, folder nor link.
# Fails where it cannot tell.
compare_work() {
  patiently list_work >after || return
  : >made
  : >changed
  : >touched
  : >special
  patiently compare_lists || return
  # Tools write a file anew as it was, as npm does with its lock file.
  [ -s touched ] || return 0
  tr '\n' '\0' <touched >touched-0 || return
  patiently sum_touched >sums-now || return
  patiently compare_sums >>changed
}

# Up to three of the changed paths, for a person.
name_changed() { LC_ALL=C sort -u changed | head -n 3 | sed -e ':a' -e '$!N' -e 's/\n/, /' -e 'ta'; }

forget_work() { rm -f before after sums sums-now made changed touched touched-0 special above odd; }

# Each of these becomes a single process, for `patiently`.

# A line for the folder itself and every path in it: the path, a tab, the kind with the mode and, but for a folder, what is
# another one when it was written, replaced or renamed. A name with a control character is left out, and what lies below it: a
# line break would make two paths of one. No link is followed.
list_work() {
  cd -P -- "$work" || exit
  # Files without content and more names for one file cost the setup nothing, and each is a line of up to 4 KiB.
  trap '' XFSZ
  ulimit -f "$most_blocks" || exit
  tab=$(printf '\t')
  LC_ALL=C exec find . -name '*[[:cntrl:]]*' -prune -o \
    -type d -exec stat -c "%n$tab%f" '{}' + -o -exec stat -c "%n$tab%f %s %i %z" '{}' +
}

# Up to 16 MiB each: above that it could take longer than the setup.
sum_work() {
  cd -P -- "$work" || exit
  LC_ALL=C exec find . -name '*[[:cntrl:]]*' -prune -o -type f -size -32769 -exec cksum '{}' +
}

sum_touched() {
  cd -P -- "$work" || exit
  exec xargs -0 cksum <"$control/touched-0"
}

compare_lists() {
  LC_ALL=C exec awk -F '\t' -v most="$most" '
    function name(path) { return path == "." ? path : substr(path, 3) }
    FILENAME == "before" { was[$1] = $2; next }
    !($1 in was) {
      above = $1
      sub("/[^/]*$", "", above)
      if ((above == "." || above in was) && made <= most) { made++; print name($1) >"made" }
      # A job could write into a pipe through a bind that is read-only, and bwrap binds none by itself.
      if ($2 !~ /^[48a]/ && !special++) print name($1) >"special"
      next
    }
    { there[$1] }
    was[$1] != $2 {
      split(was[$1], old, " ")
      split($2, new, " ")
      is_alike = substr($2, 1, 1) == "8" && old[1] == new[1] && old[2] == new[2]
      if (is_alike && new[2] <= 16777216) print $1 >"touched"
      else print name($1) >"changed"
    }
    END { for (path in was) if (!(path in there)) print name(path) >"changed" }
  ' before after
}

compare_sums() {
  LC_ALL=C exec awk '
    FILENAME == "sums" { was[$0]; next }
    !($0 in was) { sub("^[0-9]+ [0-9]+ \\./", ""); print }
  ' sums sums-now
}

# A file of the project that shares its content with a kept one would be a way to write into that. And what list_work leaves out
# is in no list of what was made.
find_odd() {
  LC_ALL=C exec find "$work" -mindepth 1 '(' -name '*[[:cntrl:]]*' -o -type f -links +1 ')' -print -quit
}
