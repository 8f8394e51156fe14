#!/usr/bin/env bash
# Puts a user's FetchML key into Bitwarden as one login item, checked before and after, and shows it to nobody.
# shellcheck disable=SC2016 # What stands in single quotes is meant for jq, or to be typed.
{ set +axv; } 2>/dev/null # Whoever traces this script must not read the key in the trace.
set -euo pipefail
ulimit -c 0 # A core dump would hold the key.
LC_ALL=C    # A range such as [a-z] means these letters only.

# Read, not cat: until the session is out of the environment, nothing may be started.
IFS= read -r -d '' help <<'HELP' || true
Usage: create_bitwarden_fetchml_item.sh [USER] [OPTIONS] | --help
Makes the Bitwarden item "FetchML API – USER" with USER's key, and prints the item's id. With the same key again: changes nothing.
  ssh box fetchml key issue alice | ./create_bitwarden_fetchml_item.sh alice   takes the key from stdin, where your vault is
  ./create_bitwarden_fetchml_item.sh            on a terminal: asks for the user, and issues the key on this machine

  --issue               issue the key on this machine, with fetchml
  --collection NAME     put the item into this shared collection
  --organization NAME   whose collection, where several organizations have one of that name
  --rotate              put the new key into the item of an old one, which Bitwarden keeps in the item's history: revoke it first
  --revoked             with --rotate: the old key is revoked, though this machine cannot see it
  --fresh               with --rotate: make a new item instead, and delete the old one for good
  --dry-run             change nothing, issue nothing; say what would be done
Environment: BW_SESSION, from "bw unlock"; FETCHML_BW_TIMEOUT, seconds that one call of bw may take (60).
Exit codes: 0 done, or nothing to do · 1 anything not listed · 2 wrong usage · 3 the key is not one · 4 Bitwarden not reachable ·
5 refused, as the vault holds something else · 6 no such user, collection or organization · 10 a tool is missing · 11 not this bw ·
12 not logged in · 13 vault locked · 14 BW_SESSION is stale · from the server: 15 refused (400), 16 login ended (401), 17 forbidden (403),
18 not found (404), 19 too many calls (429), 20 fault (5xx), 21 no answer in time · 22 the stored item differs · 23 another run is busy ·
24 fetchml issued no key · 130 interrupted
HELP

say() { printf '%s\n' "$*" >&2; }
fail() { printf '%s\n' "${@:2}" >&2 && exit "$1"; } # The exit code, then one argument for each line.

on_exit() {
  local code=$? id=${key:8:4}
  [[ -z $lock || $(readlink "$lock") != "$$" ]] || rm -f "$lock"
  [[ -z $key || -n $is_stored ]] || say "Look in Bitwarden whether key $id is there. If it is not, and nobody has it: fetchml key revoke $id"
  exit "$code"
}

parse_arguments() {
  while (($# > 0)); do
    case $1 in
      --help | -h) printf %s "$help" && exit 0 ;;
      --collection | --organization)
        [[ -n ${2-} && $2 != --* ]] || fail 2 "$1 needs a name."
        printf -v "${1#--}" %s "$2" && shift ;;
      --issue | --rotate | --fresh | --revoked | --dry-run) printf -v "${1//-/}" yes ;;
      -*) fail 2 "There is no option ${1//[^[:print:]]/?}. All of them: --help" ;;
      *) users+=("$1") ;;
    esac
    shift
  done
  [[ ${#users[@]} != 0 || ! -t 0 ]] || { read -r -p 'FetchML user: ' 'users[0]' && issue=yes; }
  user=${users[0]-} name="FetchML API – ${users[0]-}"
  ((${#users[@]} == 1)) || fail 2 "Name one user. Only bare on a terminal do I ask. How to use it: --help"
  [[ $user =~ ^[a-z0-9][a-z0-9._-]{0,31}$ ]] || fail 2 "That is no user name: at most 32 of a-z 0-9 . _ -, the first a letter or digit."
  [[ -z $organization || -n $collection ]] || fail 2 "--organization needs --collection: only there can an item be shared."
  [[ -z $fresh$revoked || -n $rotate ]] || fail 2 "--fresh and --revoked go with --rotate."
  [[ $patience =~ ^[1-9][0-9]{0,3}$ ]] || fail 2 "FETCHML_BW_TIMEOUT is a number of seconds."
  [[ -n $folder ]] || fail 2 "HOME is not set, so there is no telling whose vault this would be."
}

read_key() {
  local given=''
  if [[ -t 0 ]]; then
    read -r -s -p "FetchML key of $user (hidden): " given || true
    say
  elif IFS= read -r -d '' -n 256 given; then
    fail 3 "What came on stdin is no FetchML key: it is too long, or holds a zero byte."
  fi
  while [[ $given == *[[:space:]] ]]; do given=${given%?}; done
  [[ -n $given ]] || fail 3 "No key came on stdin. Did the command before the pipe fail?"
  take_key "$given"
}

take_key() {
  [[ ! $1 =~ ^[0-9a-f]{64}$ ]] || fail 3 "That is a hash, not a key. A key begins with fetchml_."
  [[ $1 =~ ^fetchml_[0-9a-hjkmnp-tv-z]{36}$ ]] || fail 3 "That is no FetchML key: fetchml_ and 36 small letters and digits, nothing else."
  checksum_holds "${1#fetchml_}" || fail 3 "That key has a wrong symbol: its checksum does not hold."
  key=$1
}

# Bech32m (BIP 350) over the expanded prefix "fetchml" and the symbols, in Crockford's alphabet.
checksum_holds() {
  local alphabet=0123456789abcdefghjkmnpqrstvwxyz values=(3 3 3 3 3 3 3 0 6 5 20 3 8 13 12)
  local factors=(0x3b6a57b2 0x26508e6d 0x1ea119fa 0x3d4233dd 0x2a1462b3) sum=1 top before value i
  for ((i = 0; i < ${#1}; i++)); do before=${alphabet%%"${1:i:1}"*} && values+=("${#before}"); done
  for value in "${values[@]}"; do
    top=$((sum >> 25)) sum=$(((sum & 0x1ffffff) << 5 ^ value))
    for i in 0 1 2 3 4; do ((!(top >> i & 1))) || ((sum ^= factors[i])); done
  done
  ((sum == 0x2bc830a3))
}

check_tools() {
  local tool version
  for tool in bw jq timeout sha256sum readlink; do
    command -v "$tool" >/dev/null || fail 10 "$tool is missing. bw is the npm package @bitwarden/cli; the others are in jq and coreutils."
  done
  fetchml=$(command -v fetchml || command -v "$(dirname "${BASH_SOURCE[0]}")/../dist/fetchml" || true)
  [[ -z $issue || -n $fetchml ]] || fail 10 "fetchml is missing: it is not in PATH, nor built here. Type: npm run build"
  version=$(timeout -k 5 "$patience" bw --version </dev/null 2>/dev/null) || true
  [[ $version =~ ^([0-9]{4})\.([0-9]{1,2})\.[0-9]{1,2}$ ]] || fail 11 "\"bw --version\" names no version that this script knows."
  [[ $version != 2026.4.0 ]] || fail 11 "bw 2026.4.0 was published with a back door. Remove it, and change your master password."
  ((BASH_REMATCH[1] * 100 + 10#${BASH_REMATCH[2]} >= 202508)) || fail 11 "bw $version is older than any tested. Install 2025.8.0 or later."
}

# Runs bw with our stdin; leaves its answer in $answer. Secrets never go into the arguments: ps shows those.
bw_call() {
  local code=0
  answer=$(BW_SESSION=$session timeout --foreground -k 5 "$patience" bw "$@" 2>/dev/null) || code=$?
  [[ $code != 124 && $code != 137 ]] || fail 21 "Bitwarden did not answer \"bw $1\" within $patience s."
  [[ $code == 0 && $(printf %s "$answer" | jq -r .success 2>/dev/null) == true ]] || explain_failure "$1"
}

# bw does not tell the server's status, but most messages give it away.
explain_failure() {
  local said && said=$(printf %s "$answer" | jq -r '.message // ""' 2>/dev/null || true)
  said=${said//[^[:print:]]/ }
  case $said in
    *'"statusCode":401'*) fail 16 "Bitwarden ended your login. Type: bw login" ;;
    *'"statusCode":403'*) fail 17 "Bitwarden forbids you \"bw $1\", and has ended your login. Type: bw login" ;;
    *'"statusCode":404'* | *'Resource not found'*) fail 18 "Bitwarden does not know what \"bw $1\" asked for." ;;
    *'"statusCode":429'* | *'Rate limit exceeded'*) fail 19 "Bitwarden gets too many calls from you. Wait a minute." ;;
    *'"statusCode":5'* | *'unhandled server error'*) fail 20 "Bitwarden's server has a fault. Try again later." ;;
    *', reason: '*) fail 4 "Cannot reach Bitwarden: ${said##*, reason: }" ;;
  esac
  [[ -n $said ]] || fail 1 "\"bw $1\" failed without a word. Try: bw status"
  answer=$(BW_SESSION=$session timeout -k 5 "$patience" bw status </dev/null 2>/dev/null || true)
  [[ $answer != *'"status":"unauthenticated"'* ]] || fail 16 "Bitwarden ended your login. Type: bw login"
  fail 15 "Bitwarden refused \"bw $1\": ${said:0:300}"
}

check_unlocked() {
  say "Asking bw for its state …"
  bw_call status </dev/null
  case $(printf %s "$answer" | jq -r .data.template.status):$session in
    unlocked:*) ;;
    unauthenticated:*) fail 12 "bw is not logged in. Type: bw login" ;;
    *:) fail 13 'The vault is locked. Type: export BW_SESSION="$(bw unlock --raw)"' ;;
    *) fail 14 'BW_SESSION is stale. Type: export BW_SESSION="$(bw unlock --raw)"' ;;
  esac
}

# One run at a time: two that look at once would both find nothing and both make an item.
take_lock() {
  local path=$folder/.fetchml-item-lock holder tries=0
  until ln -sn "$$" "$path" 2>/dev/null; do
    holder=$(readlink "$path" || true)
    ((++tries <= patience * 15)) || fail 23 "Another run (process ${holder:-?}) is busy with Bitwarden, or left its lock behind: $path"
    ((tries > 1)) || say "Waiting for another run (process ${holder:-?}) …"
    sleep 0.2
    ! is_left_over "$path.clearing" || rm -f "$path.clearing"
    if is_left_over "$path" && ln -sn "$$" "$path.clearing" 2>/dev/null; then
      ! is_left_over "$path" || rm -f "$path" # By now it may be the lock of another run, which has cleared the way too.
      rm -f "$path.clearing"
    fi
  done
  lock=$path
}

is_left_over() { local holder && holder=$(readlink "$1") && ! kill -0 "$holder" 2>/dev/null; }

find_collection() {
  local found
  if [[ -n $organization ]]; then
    bw_call list organizations </dev/null
    organization_id=$(printf %s "$answer" | jq -r --arg name "$organization" '.data.data[] | select(.name == $name).id')
    [[ $organization_id =~ ^[^[:space:]]+$ ]] || fail 6 "There is no organization of that name in your vault, or more than one."
  fi
  bw_call list collections </dev/null
  found=$(printf %s "$answer" | jq -r --arg name "$collection" --arg owner "$organization_id" \
    '.data.data[] | select(.name == $name and ($owner == "" or .organizationId == $owner)) | "\(.organizationId) \(.id)"')
  [[ -n $found ]] || fail 6 "There is no collection of that name that you can see."
  [[ $found != *$'\n'* ]] || fail 5 "There are several collections of that name. Say whose with --organization."
  organization_id=${found% *} collection_id=${found#* }
}

# Runs a jq program on what comes on stdin; it may ask for $key, $hash and the rest.
with_key() {
  jq -r --arg name "$name" --arg user "$user" --arg organization "$organization_id" --arg collection "$collection_id" \
    --rawfile key <(printf %s "$key") --rawfile sum <(printf %s "$key" | sha256sum) '($sum | .[:64]) as $hash | '"$1"
}

# Finds the items of exactly this name, as the server has them now; says how many there are, which hold the key rightly, and of the last
# other one its id, how it stands to the key and the id of the key it holds. bw alone would look in its cache, and find parts of names too.
find_items() {
  say "Fetching the vault, and looking for \"$name\" …"
  bw_call sync --force </dev/null
  [[ -z $collection || -n $collection_id ]] || find_collection
  bw_call list items --search "$name" </dev/null
  items=$(printf %s "$answer" | jq -c --arg name "$name" '[.data.data[] | select(.type == 1 and .name == $name)]')
  read -r total right item_id standing held_id each < <(printf %s "$items" | with_key 'map(
      [.fields[]? | select(.name == "api_key_hash")] as $hashes | (.login.password // "") as $held
      | {id, held: (if ($held | test("^fetchml_[0-9a-z]{36}$")) then $held[8:12] else "unknown" end),
         how: (if $held != $key then "other"
           elif .login.username != $user or ($hashes | length) != 1 or $hashes[0].value != $hash or $hashes[0].type != 1 then "changed"
           elif $collection != "" and ((.collectionIds // []) | index($collection)) == null then "elsewhere"
           else "right" end)}) | sort_by(.how != "right")
    | "\(length) \(map(select(.how == "right").id) | join(",") | if . == "" then "none" else . end) \(last | "\(.id) \(.how) \(.held)")"
      + " \(map("\(.id) with key \(.held)") | join(", "))"')
  [[ $right == none ]] || is_stored=yes
}

# What the vault holds decides what is to be done; a change must have been asked for.
decide() {
  case $total:$standing:$rotate:$fresh:$right in
    0:*) act='make the item' ;;
    1:right:*) act='' ;;
    1:elsewhere:*) fail 5 "The item \"$name\" is there, but not in that collection. Move it in Bitwarden, then run this again." ;;
    1:changed::*) fail 5 "The item \"$name\" holds this key, but its username or hash was changed. To set them right: --rotate" ;;
    1:other::*) fail 5 "The item \"$name\" holds another key, $held_id. If $user has a new key now: --rotate, see --help" ;;
    1:*:yes:yes:*) act='make a new item and delete the old one' ;;
    1:*) check_revoked && act='put the key into the item' ;;
    2:[!r]*:yes:yes:[!n]*) act='delete the old item' ;; # One is right and the other is not: so a run leaves them that broke off.
    *) fail 5 "There are $total items \"$name\": $each." "Delete all but one in Bitwarden, then run this again." ;;
  esac
}

# An edit moves the old key and hash into the item's history for good. That does no harm once the key is revoked.
check_revoked() {
  local state=unknown
  if [[ -n $fetchml ]]; then
    state=$("$fetchml" key list "$user" --json </dev/null 2>/dev/null | jq -r --arg id "$held_id" --argjson now "$(date +%s)" \
      'map(select(.id == $id))[0] | if . == null then "unknown"
        elif .revoked_at != null or (.valid_until != null and .valid_until <= $now * 1000) then "revoked" else "valid" end') || state=unknown
  fi
  [[ $standing == changed || $state == revoked || $state$revoked == unknownyes ]] ||
    fail 5 "The item would keep its old key, $held_id ($state), in its history. First: fetchml key revoke $held_id" \
      "Then run this again, with --revoked where fetchml cannot tell. Or make a new item: --rotate --fresh"
}

issue_key() {
  local issued code=0
  say "Issuing a key for $user …"
  issued=$("$fetchml" key issue "$user" --json </dev/null) || code=$?
  [[ $code != 6 ]] || "$fetchml" key list &>/dev/null </dev/null || code=24 # It says 6 of a missing data folder too, and then has no list.
  ((code == 0)) || fail $((code == 6 ? 6 : 24)) "fetchml issued no key."
  take_key "$(printf %s "$issued" | jq -r .api_key)"
}

# Turns an item, or {}, into what bw takes on stdin.
filled_in() {
  with_key '. + {type: 1, name: $name} | .login = ((.login // {}) + {username: $user, password: $key})
    | .fields = [(.fields[]? | select(.name != "api_key_hash")), {name: "api_key_hash", value: $hash, type: 1}]
    | if $collection == "" then . else . + {organizationId: $organization, collectionIds: [$collection]} end | @base64'
}

carry_out() {
  local old_id=$item_id old_key=$held_id
  say "Now: $act …"
  case $act in
    put*) bw_call edit item "$old_id" < <(printf %s "$items" | jq '.[0]' | filled_in) ;;
    make*) bw_call create item < <(printf %s "$items" | jq '.[0] // {} | del(.key, .passwordHistory)' | filled_in) && ((++total)) ;;
  esac
  look_again "$total"
  [[ $act == *delete* ]] || return 0
  say "The new item $right is there. Deleting the old one, $old_id, for good …"
  bw_call delete item "$old_id" --permanent </dev/null
  look_again 1
  [[ $old_key == unknown || $old_key == "${key:8:4}" ]] ||
    say "The old item held key $old_key. When nobody needs it any more: fetchml key revoke $old_key"
}

# Reads back what the server has now; $1 is how many items there should be.
look_again() {
  find_items
  [[ $right =~ ^[0-9a-f-]{36}$ ]] || fail 22 "What Bitwarden has now is not what was sent. Look at the item \"$name\"."
  ((total == $1)) || fail 5 "There are $total items \"$name\" now: somebody else made one. Delete all but one in Bitwarden."
}

main() {
  local user='' organization='' collection='' issue='' rotate='' fresh='' revoked='' dryrun='' users=()
  local name fetchml organization_id='' collection_id='' items total right item_id standing held_id each act
  local session=${BW_SESSION-} patience=${FETCHML_BW_TIMEOUT:-60} folder=${BITWARDENCLI_APPDATA_DIR:-${HOME-}} answer=''
  # bw alone is given the session. The other variables would change what bw prints and how it ends.
  unset BW_SESSION BW_CLEANEXIT BW_QUIET BW_RAW BW_PRETTY
  export BW_NOINTERACTION=true BW_RESPONSE=true
  key='' is_stored='' lock=''
  trap on_exit EXIT && trap 'exit 130' INT TERM HUP
  parse_arguments "$@"
  [[ -n $issue ]] || read_key
  check_tools
  check_unlocked
  take_lock
  find_items
  decide
  if [[ -n $dryrun || -z $act ]]; then
    say "${act:+Without --dry-run: }${act:-"\"$name\" holds key ${key:8:4} already. Nothing to do."}"
  else
    [[ -z $issue ]] || issue_key
    carry_out
    say "\"$name\" holds key ${key:8:4}, read back and compared."
    [[ -n $collection ]] || say "Now share it with $user in Bitwarden."
  fi
  [[ $right == none ]] || printf '%s\n' "$right"
}

main "$@"
