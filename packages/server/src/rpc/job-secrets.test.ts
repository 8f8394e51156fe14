// Secrets of jobs through a connection: asked for by name, and masked in every way of reading the log.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OUTPUT_HASH_PARAMETER } from "@fetchml/protocol";
import { attemptFolder, secretsContext } from "../domain/attempt-folder.ts";
import { startJobsByHand, type JobsByHand } from "./jobs-by-hand.fixture.ts";
import { until } from "./rpc.fixture.ts";
import { SUBMIT } from "./submit.fixture.ts";

let box: JobsByHand;
let id: number;
let key: string;

const VALUE = "hunter2-and-more";
const MASK = "*".repeat(VALUE.length);

beforeEach(async () => {
  box = await startJobsByHand();
  key = (await box.rpc.give("ada", "admin")).api_key;
  id = await box.submit();
  await box.start(id);
  const attempt = { jobId: id, attempt: 1 };
  const { secrets } = attemptFolder(box.rpc.ctx.dataDir, attempt);
  await box.rpc.ctx.secrets.keep(secrets, secretsContext(attempt), [VALUE]);
});
afterEach(() => box.rpc.close());

const get = (headers: Record<string, string> = {}, query = "") =>
  fetch(`${box.rpc.url}/jobs/${id}/log${query}`, {
    headers: { authorization: `Bearer ${key}`, ...headers },
  });

describe("a log with a secret in it", () => {
  test("is masked by log.read wherever a piece begins, by why, and by GET", async () => {
    const text = `begin ${VALUE}\nmiddle ${VALUE.slice(0, 5)}`;
    const shown = `begin ${MASK}\nmiddle `;
    box.write(id, text);
    const read = async (offset: number, limit: number) =>
      (await box.alice.result("log.read", { job: `${id}`, offset, limit_bytes: limit })).bytes;
    expect(await read(0, 1000)).toEqual({ text: shown });
    for (let offset = 0; offset < shown.length; offset += 1)
      expect(await read(offset, 7)).toEqual({ text: shown.slice(offset, offset + 7) });
    expect(await (await get()).text()).toBe(shown);
    await box.end(id, 1);
    const whole = shown + VALUE.slice(0, 5);
    expect(await read(0, 1000)).toEqual({ text: whole });
    const { log_tail } = await box.alice.result("job.why", { job: `${id}` });
    expect(log_tail).toBe(whole);
    expect(await (await get()).text()).toBe(whole);
    const part = await get({ range: "bytes=10-19" });
    expect([part.status, await part.text()]).toEqual([206, whole.slice(10, 20)]);
    expect(JSON.stringify(box.alice.frames) + box.rpc.lines.join("")).not.toContain(VALUE);
  });

  test("gives no hash of what is not shown, by which a value could be guessed", async () => {
    box.write(id, `begin ${VALUE.slice(0, 9)}`);
    const hashOf = async (size: number) =>
      (await get({}, `?${OUTPUT_HASH_PARAMETER}=${size}`)).json();
    const sha256 = new Bun.CryptoHasher("sha256").update("begin ").digest("hex");
    expect(await hashOf(6)).toEqual({ sha256, size_bytes: 6 });
    expect(await hashOf(8)).toEqual({ sha256: null, size_bytes: 6 });
  });

  test("is masked when it is followed, though a value comes letter by letter", async () => {
    await box.alice.result("log.subscribe", { job: `${id}`, offset: 0 });
    const told = () =>
      box.alice.frames
        .map((frame) => JSON.stringify(frame))
        .filter((frame) => frame.includes('"log.data"'))
        .join("");
    box.write(id, "a ");
    for (const letter of VALUE) {
      box.write(id, letter);
      await Bun.sleep(1);
    }
    box.write(id, " z\n");
    await until("the log", () => told().includes("z"));
    await box.end(id);
    await until("the end", () => JSON.stringify(box.alice.frames).includes("log.end"));
    const texts = [...told().matchAll(/"text":"([^"]*)"/g)].map(([, text]) => text);
    expect(texts.join("")).toBe(`a ${MASK} z\\n`);
  });

  test("is not shown when the box's key is another one, by why neither", async () => {
    box.write(id, VALUE);
    await box.end(id, 1);
    writeFileSync(join(box.rpc.ctx.dataDir, "secrets", "key"), Buffer.alloc(32));
    const refused = await box.alice.call("log.read", { job: `${id}` });
    expect(refused.error?.data?.code).toBe("conflict");
    expect((await box.alice.result("job.why", { job: `${id}` }))["log_tail"]).toBeNull();
    expect((await get()).status).toBe(409);
  });
});

describe("job.submit and job.redo", () => {
  test("take names of the caller's own secrets, which stay names", async () => {
    const refused = await box.alice.call("job.submit", { ...SUBMIT, secrets: ["TOKEN"] });
    expect(refused.error?.data?.code).toBe("conflict");
    expect(refused.error?.message).toContain("ml secret set TOKEN");
    for (const name of ["TOKEN", "OTHER"])
      await box.alice.result("secret.set", { name, value: VALUE });
    const { job } = await box.alice.result("job.submit", {
      ...SUBMIT,
      secrets: ["TOKEN", "TOKEN"],
    });
    const redone = await box.alice.result("job.redo", { job: `${job.id}`, secrets: ["OTHER"] });
    const { private: own } = await box.alice.result("job.get", { job: `${redone.job.id}` });
    expect(own).toMatchObject({ secrets: ["TOKEN", "OTHER"] });
    // Of an admin who does it again, they would be the admin's own.
    const ada = await box.open(key);
    const again = await ada.call("job.redo", { job: `${job.id}` });
    expect(again.error?.data?.code).toBe("conflict");
    await box.alice.result("secret.remove", { name: "TOKEN" });
    const gone = await box.alice.call("job.redo", { job: `${job.id}` });
    expect(gone.error?.message).toContain("ml secret set TOKEN");
  });
});
