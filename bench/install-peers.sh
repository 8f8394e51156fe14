#!/bin/sh
# Installs the peers that bench/ measures beside FetchML: Debian packages as root, the others into ~/.cache/fetchml-bench.
# What cannot be had is left out with a line that says so; the bench then names it as missing.
set -u
peers=${FETCHML_BENCH_PEERS:-$HOME/.cache/fetchml-bench}
mkdir -p "$peers"

missing() { printf 'missing: %s\n' "$1" >&2; }

# task-spooler is tsp; slurm-wlm is slurmctld, slurmd and the commands; munge is how Slurm knows who asks; rsync and git are for
# snapshot-transfer; tmux is what gflow runs its jobs in.
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
  task-spooler slurm-wlm munge rsync git tmux python3-venv >/dev/null || missing "Debian's packages: apt-get refused"

# pueue and pueued, the closest peer.
if command -v cargo >/dev/null; then
  cargo install --locked --quiet --root "$peers" --version 4.0.4 pueue || missing "pueue 4.0.4: cargo refused"
else
  missing "pueue 4.0.4: no cargo on this machine"
fi

# runqd is gflow with its daemon; jobd is a broker and its worker.
python3 -m venv "$peers/venv" || missing "runqd and jobd: no python3 -m venv"
"$peers/venv/bin/pip" install --quiet 'runqd==0.4.18' || missing "gflow (runqd 0.4.18): pip refused"
"$peers/venv/bin/pip" install --quiet 'jobd[worker]==0.5.52' psutil || missing "jobd 0.5.52: pip refused"
