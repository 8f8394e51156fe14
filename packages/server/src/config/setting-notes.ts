// What the config file that `fetchml init` writes says of each setting: a sentence, and a line to take the mark from.

/** One setting in words. */
export interface SettingNote {
  /** The key in `config.toml`. */
  readonly key: string;
  /** What it means, without a full stop where a default follows in the example. */
  readonly about: string;
  /** A value as TOML: the default, or where there is none an example. */
  readonly example: string;
}

/** Every setting but `data_dir` and `listen`, which `fetchml init` always writes. */
export const SETTING_NOTES: readonly SettingNote[] = [
  {
    key: "sandbox",
    about:
      'How jobs are kept apart: "auto", "bubblewrap", "account", or "none", which must be typed.',
    example: '"auto"',
  },
  {
    key: "mounts",
    about: 'Folders of this box that jobs see at the same path; "rw" lets every job write there.',
    example: '[{ path = "/data", mode = "ro" }]',
  },
  {
    key: "job_uids",
    about: "Numbers of accounts that jobs alone use, where the server is root.",
    example: '"1900000000-1900009999"',
  },
  { key: "cpus", about: "CPU cores that jobs may use together; default all.", example: "16" },
  { key: "mem", about: "Memory that jobs may use together; default all.", example: '"64G"' },
  {
    key: "gpus",
    about: 'UUIDs of the GPUs that jobs may use, as "nvidia-smi -L" shows them; default all.',
    example: '["GPU-00000000-0000-0000-0000-000000000000"]',
  },
  { key: "job_path", about: "PATH of jobs.", example: '"/usr/local/bin:/usr/bin:/bin"' },
  {
    key: "allowed_hosts",
    about: "Names by which the server may be called besides localhost, such as the proxy's.",
    example: '["ml.example.org"]',
  },
  {
    key: "trusted_proxies",
    about: "Addresses or networks of proxies whose X-Forwarded-For is believed; default none.",
    example: '["127.0.0.1"]',
  },
  {
    key: "snapshot_max_size",
    about: "All files of one snapshot together at most, whatever a project says.",
    example: '"10G"',
  },
  { key: "snapshot_max_file_size", about: "One file of a snapshot at most.", example: '"10G"' },
  {
    key: "snapshot_max_files",
    about: "Files and links of one snapshot at most, and as many folders.",
    example: "100000",
  },
  {
    key: "keep_work",
    about: "How long the folder in which a job ran is kept after its end.",
    example: '"1d"',
  },
  { key: "keep_checkpoints", about: "How long checkpoints are kept.", example: '"7d"' },
  { key: "keep_outputs", about: 'How long outputs are kept, or "forever".', example: '"90d"' },
  { key: "keep_logs", about: "How long logs are kept.", example: '"90d"' },
  {
    key: "keep_code",
    about:
      "How long code is kept after the last job that ran it; while there is room, what was sent less than a day ago stays.",
    example: '"90d"',
  },
  {
    key: "keep_setups",
    about: "How long what a setup made is kept after its last use.",
    example: '"30d"',
  },
  {
    key: "keep_size",
    about:
      "What all of that may take together, as a size or a part of the disk: above it the oldest goes first.",
    example: '"80%"',
  },
  {
    key: "min_free",
    about: "With less free than that no job is taken; default 5%, at most 2G.",
    example: '"2G"',
  },
  {
    key: "default_time",
    about: 'Wall time of a job that asks for none; default the most there is, else "none".',
    example: '"24h"',
  },
  {
    key: "max_time",
    about: "Wall time that no job may ask to go beyond.",
    example: '"none"',
  },
  {
    key: "no_output",
    about: "A job that writes nothing for so long is ended.",
    example: '"none"',
  },
  {
    key: "max_log",
    about: "What one log may take on the disk: of a longer one head and tail are kept.",
    example: '"1G"',
  },
  {
    key: "max_disk",
    about: "What the folders of one attempt and its job's checkpoints may take together.",
    example: '"none"',
  },
  {
    key: "max_processes",
    about: "Processes and threads of one attempt at the same time.",
    example: "32768",
  },
  { key: "log_level", about: '"debug", "info", "warn" or "error".', example: '"info"' },
];
