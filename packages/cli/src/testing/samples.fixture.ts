// Jobs and answers for tests.
import { generateApiKey, type Job, type ServerStatus, type WhoAmI } from "@fetchml/protocol";

/** The test vector of the key format; it opens nothing. */
export const VALID_KEY = "fetchml_kpazxttmnfwpqvn7htakzj9hnk67xw0errda";

/** A key of the right form that no test server knows. */
export const UNKNOWN_KEY = generateApiKey({
  id: "q7r4",
  randomBytes: (count) => new Uint8Array(count).fill(7),
});

/** A moment that all samples count from, epoch milliseconds. */
export const SOME_TIME = Date.UTC(2026, 10, 22, 12);

/** A queued job, or what the test needs of one. */
export function sampleJob(changes: Partial<Job> = {}): Job {
  return {
    id: 12,
    name: "train",
    user: "alice",
    state: "queued",
    reason: "resources",
    gpus: 1,
    cpus: 4,
    mem_bytes: 0,
    timeout_ms: null,
    retries: 0,
    attempt: 0,
    created_at: SOME_TIME,
    eligible_at: null,
    started_at: null,
    ended_at: null,
    outcome: null,
    pinned: false,
    ...changes,
  };
}

/** A job that has ended with this exit code. */
export function endedJob(exitCode: number, changes: Partial<Job> = {}): Job {
  return sampleJob({
    state: exitCode === 0 ? "succeeded" : "failed",
    reason: null,
    attempt: 1,
    started_at: SOME_TIME,
    ended_at: SOME_TIME + 65_000,
    outcome: { kind: "exited", exit_code: exitCode },
    ...changes,
  });
}

/** Alice with her laptop's key. */
export const ALICE: WhoAmI = {
  user: "alice",
  role: "member",
  key_id: "kpaz",
  key_label: "laptop",
  key_expires_at: null,
};

/** A box with one GPU, one running and one queued job. */
export function sampleStatus(changes: Partial<ServerStatus> = {}): ServerStatus {
  return {
    server: {
      version: "0.1.0",
      protocol_version: 1,
      started_at: SOME_TIME - 7_200_000,
      now: SOME_TIME,
      sandbox: "bubblewrap",
      cgroups: true,
    },
    me: ALICE,
    box: {
      cpus: 8,
      cpus_free: 4,
      mem_bytes: 16 * 1024 ** 3,
      mem_bytes_free: 12 * 1024 ** 3,
      gpus: [
        {
          uuid: "GPU-1",
          index: 0,
          name: "RTX 3090",
          memory_bytes: 24 * 1024 ** 3,
          job_id: 11,
          used_by_others: false,
          other_processes: [],
          drained: false,
        },
      ],
      drained: false,
      disk: {
        size_bytes: 100 * 1024 ** 3,
        free_bytes: 50 * 1024 ** 3,
        reserve_bytes: 1024 ** 3,
        files: { free: 3_000_000, reserve: 10_000 },
      },
    },
    counts: { queued: 1, running: 1 },
    running: [
      sampleJob({ id: 11, state: "running", reason: null, attempt: 1, started_at: SOME_TIME }),
    ],
    queued: [sampleJob()],
    ...changes,
  };
}
