// For every queue: `edit --first` exchanges places among one user's jobs and passes nobody else's.
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { KeyHolder } from "../domain/principal.ts";
import { MOST_PASSED } from "../store/jobs-queue.ts";
import { claimJobs } from "./claim.ts";
import { viewQueue } from "./look.ts";
import { editJob } from "./edit.ts";
import { openTestQueue } from "./queue.fixture.ts";

test("editJob() with first never passes another user's job, whatever stands in the queue", async () => {
  const owners = fc.array(fc.nat(2), { minLength: 1, maxLength: 8 });
  const moves = fc.array(fc.nat(7), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(owners, moves, async (ownerOf, moved) => {
      const queue = openTestQueue();
      const users: KeyHolder[] = [];
      for (const name of ["alice", "bob", "carol"]) users.push(await queue.addUser(name));
      const holder = (index: number) => users[index] ?? expect.unreachable();
      for (const owner of ownerOf) await queue.submit(holder(owner));
      for (const place of moved) {
        const before = (await viewQueue(queue)).queued;
        const job = before[place % before.length] ?? expect.unreachable();
        const owner = holder(users.findIndex(({ user }) => user === job.user));
        await editJob(queue, owner, { job: String(job.id), first: true });
        const after = (await viewQueue(queue)).queued;
        // Every place still belongs to the same user, and only the owner's jobs have changed places.
        expect(after.map(({ user }) => user)).toEqual(before.map(({ user }) => user));
        const own = before.filter(({ user }) => user === job.user);
        const inOrder = [job, ...own.filter(({ id }) => id !== job.id)].map(({ id }) => id);
        expect(after.filter(({ user }) => user === job.user).map(({ id }) => id)).toEqual(inOrder);
        const others = (jobs: typeof before) =>
          jobs.filter(({ user }) => user !== job.user).map(({ id }) => id);
        expect(others(after)).toEqual(others(before));
      }
      queue.close();
    }),
    { numRuns: 40 },
  );
}, 30_000);

test("editJob() with first brings a job past thousands of its owner's between others', and answers when it is there", async () => {
  const queue = openTestQueue();
  const [alice, bob] = [await queue.addUser("alice"), await queue.addUser("bob")];
  const count = 2 * MOST_PASSED + 2;
  await queue.submit(bob);
  await Promise.all(Array.from({ length: count - 2 }, () => queue.submit(alice)));
  await queue.submit(bob);
  await Promise.all([queue.submit(alice), queue.submit(alice)]);
  const moves = [count + 1, count + 2].map((id) =>
    editJob(queue, alice, { job: String(id), first: true }),
  );
  // Others are heard meanwhile.
  const asked = await queue.submit(bob);
  expect((await Promise.all(moves)).map(({ id }) => id)).toEqual([count + 1, count + 2]);
  const { queued } = await viewQueue(queue);
  expect(queued[0]?.user).toBe("bob");
  expect(new Set([queued[1]?.id, queued[2]?.id])).toEqual(new Set([count + 1, count + 2]));
  expect(queued[3]?.id).toBe(2);
  expect(queue.row(asked.id).queue_rank).toBe(asked.id);
  queue.close();
}, 30_000);

test("editJob() with first takes no place that a started job may come back to", async () => {
  const queue = openTestQueue();
  const [alice, bob] = [await queue.addUser("alice"), await queue.addUser("bob")];
  await queue.submit(bob, { hold: true });
  await queue.submit(alice, { retries: 1 });
  expect(await claimJobs(queue)).toHaveLength(1);
  for (let count = 0; count < 2; count++) await queue.submit(alice, { hold: true });
  await editJob(queue, alice, { job: "4", first: true });
  const ranks = queue.db.all<{ rank: number }>("SELECT queue_rank AS rank FROM jobs");
  expect(new Set(ranks.map(({ rank }) => rank)).size).toBe(4);
  queue.close();
});
