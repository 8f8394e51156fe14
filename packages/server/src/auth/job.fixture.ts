// An unfinished job, for the tests of this room.
import { insertJob } from "../store/jobs-write.ts";
import { userByName } from "../store/users.ts";
import type { AuthFixture } from "./auth.fixture.ts";

/** Queues a job of alice; answers its id. */
export function jobOfAlice({ db, clock }: AuthFixture): Promise<number> {
  return db.write(() =>
    insertJob(db, {
      user_id: userByName(db, "alice")?.id ?? 0,
      name: "train",
      held: 0,
      gpus: 0,
      cpus: 1,
      mem_bytes: 0,
      timeout_ms: null,
      no_output_ms: null,
      retries: 0,
      created_at: clock.now(),
      eligible_at: null,
      command: '{"argv":["true"]}',
      cwd: "",
      env: "{}",
      snapshot: null,
      git: null,
      redo_of: null,
      retry_on: "[]",
      secrets: "[]",
      setup: null,
      mounts: "[]",
      submission: null,
    }),
  );
}
