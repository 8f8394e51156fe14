// The smallest job that can be submitted.

export const SUBMIT = {
  name: "train",
  command: { argv: ["true"] },
  cwd: "",
  env: {},
  resources: { gpus: 0, cpus: 1, mem_bytes: 0 },
  timeout_ms: null,
  retries: 0,
  begin_at: null,
  hold: false,
  snapshot: null,
} as const;
