# Ends all that is left of the account of one attempt. Read by a shell that has that account, with the arguments HOME CHECKPOINTS.

# Where it was started it may not go, and find wants to come back.
cd /
rounds=0
while [ "$rounds" -lt 500 ]; do
  rounds=$((rounds + 1))
  # To every process of the account but this one, all at once. In each round, for what was just being forked.
  kill -s KILL -- -1
  left=
  for path in /proc/[0-9]*; do
    [ -O "$path" ] && [ "$path" != "/proc/$$" ] || continue
    read -r stat 2>/dev/null <"$path/stat" || continue
    case ${stat##*) } in Z* | X*) ;; *) left=1 ;; esac
  done
  [ -n "$left" ] || break
  sleep 0.02
done
# The next attempt of the user has another account, and only the group is the same.
find "$1" "$2" -xdev -user "$(id -u)" ! -type l ! -perm -060 -exec chmod g+rwX {} + 2>/dev/null
find /tmp /var/tmp /dev/shm -mindepth 1 -maxdepth 1 -user "$(id -u)" -exec rm -rf -- {} + 2>/dev/null
