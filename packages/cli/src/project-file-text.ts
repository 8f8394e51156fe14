// The ml.toml that `ml init` writes, and the three lines that an unknown job name is answered with.

/** A whole `ml.toml` with one job and, commented out, what else it may say. `name` is a valid job name. */
export function projectFileText(name: string): string {
  return `# What this project runs with FetchML. "ml queue my-training-job" submits the job below.

[project]
name = "${name}"
# ignore = ["data/raw/"]              # not sent, beside what .gitignore and .mlignore name
# max_size = "200M"                   # more is not sent by mistake; also max_file_size, max_files

[jobs.my-training-job]
command = "python3 train.py"          # a string runs through sh -c; an array runs as it is
# gpus = 1                            # whole GPUs
# cpus = 4
# mem = "16G"
# timeout = "6h"                      # ended after that time
# no_output = "30m"                   # ended when it has written nothing for that time
# retries = 1                         # started again when it fails or the box dies under it
# retry_on = ["lost", "host-oom", "exited"]  # which ends those are; also timed-out, no-output, disk-full, …
# env = { EPOCHS = "5" }
# secrets = ["HF_TOKEN"]              # variables from "ml secret set HF_TOKEN"
`;
}

/** Three lines that make `name` a job. `name` is a valid job name. */
export function jobTableText(name: string): string {
  // A dot in a bare key would nest.
  const key = name.includes(".") ? JSON.stringify(name) : name;
  return `[jobs.${key}]\ncommand = "python3 train.py"\ngpus = 1\n`;
}
