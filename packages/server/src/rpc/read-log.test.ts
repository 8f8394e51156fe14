// Logs read through a connection, and by whom.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";

let box: JobsByHand;

beforeEach(async () => {
  box = await startJobsByHand();
});
afterEach(() => box.rpc.close());

describe("log.read", () => {
  test("reads a piece and says where the next one begins and whether it was the last", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, "hello world\n");
    const piece = await box.alice.result("log.read", { job: `${id}`, offset: 6, limit_bytes: 5 });
    expect(piece).toEqual({
      job_id: id,
      attempt: 1,
      offset: 6,
      next_offset: 11,
      bytes: { text: "world" },
      complete: false,
    });
    expect((await box.alice.result("log.read", { job: `${id}` }))["complete"]).toBe(false);
    await box.end(id);
    expect(await box.alice.result("log.read", { job: `${id}#1` })).toMatchObject({
      bytes: { text: "hello world\n" },
      complete: true,
    });
    const tiny = await box.alice.result("log.read", { job: `${id}`, offset: 12, limit_bytes: 1 });
    expect(tiny).toMatchObject({ next_offset: 12, bytes: { text: "" }, complete: true });
  });

  test("carries bytes that are no text as base64", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, Uint8Array.of(0xff, 0x00, 0x1b));
    const { bytes } = await box.alice.result("log.read", { job: `${id}` });
    expect(bytes).toEqual({ base64: "/wAb" });
  });

  test("knows no log of a job that has not started, and none of an attempt it never had", async () => {
    const id = await box.submit();
    const queued = await box.alice.call("log.read", { job: `${id}` });
    expect(queued.error?.data?.code).toBe("log-not-found");
    expect(queued.error?.message).toContain(`ml why ${id}`);
    await box.start(id);
    const third = await box.alice.call("log.read", { job: `${id}#3` });
    expect(third.error?.data?.code).toBe("log-not-found");
  });
});

describe("the log of another user's job", () => {
  test("is open to viewers and admins, and to no other member", async () => {
    const id = await box.submit();
    await box.start(id);
    box.write(id, "secret\n");
    await box.end(id, 1);
    const codes: unknown[] = [];
    for (const role of ["viewer", "admin", "member"] as const) {
      const client = await box.open((await box.rpc.give(role, role)).api_key);
      for (const method of ["log.read", "log.subscribe"]) {
        codes.push((await client.call(method, { job: `${id}` })).error?.data?.code);
      }
      const why = await client.result("job.why", { job: `${id}` });
      expect(why["log_tail"]).toBe(role === "member" ? null : "secret\n");
      const told = JSON.stringify(client.frames);
      expect(told.includes("secret")).toBe(role !== "member");
    }
    expect(codes).toEqual([...Array<undefined>(4), "job-not-found", "job-not-found"]);
  });
});

describe("job.why", () => {
  test("shows the last lines of a job that has failed, and none of one that went well", async () => {
    const bad = await box.submit();
    await box.start(bad);
    box.write(bad, Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join(""));
    await box.end(bad, 1);
    const { log_tail } = await box.alice.result("job.why", { job: `${bad}` });
    expect(log_tail).toStartWith("line 80\n");
    expect(log_tail).toEndWith("line 99\n");
    const good = await box.submit();
    await box.start(good);
    box.write(good, "fine\n");
    await box.end(good, 0);
    expect((await box.alice.result("job.why", { job: `${good}` }))["log_tail"]).toBeNull();
  });
});
