// A user's own keys against the real server: rotation, and what a kill, a lost answer and a second machine do to it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiKey } from "@fetchml/protocol";
import { openBox, personAt, writeConfig, type Box, type Person } from "./box.ts";
import { startCuttingProxy } from "./cutting-proxy.ts";

let box: Box;

beforeAll(async () => {
  box = await openBox();
});

afterAll(() => box.close());

function configOf(person: Person): string {
  return join(person.home, ".ml/config.toml");
}

function heldKey(person: Person): string {
  return /^api_key = "(\w+)"$/m.exec(readFileSync(configOf(person), "utf8"))?.[1] ?? "";
}

/** The same user on another machine, with this key. */
function elsewhere(person: Person, apiKey: string, place: string): Person {
  const other = personAt(join(box.folder, place, person.name), { name: person.name, apiKey });
  writeConfig(other.home, { apiKey, port: Number(new URL(box.httpUrl).port) });
  return other;
}

/** Keys of the user that open the server now, or would at their first use. */
async function liveKeys(person: Person): Promise<readonly ApiKey[]> {
  const { code, stdout, stderr } = await person.ml(["key", "list", "--json"]);
  expect(code, stderr).toBe(0);
  const keys = JSON.parse(stdout) as readonly ApiKey[];
  return keys.filter(
    ({ revoked_at, valid_until }) =>
      revoked_at === null && (valid_until === null || valid_until > Date.now()),
  );
}

/** Checks what must be so after every rotation, however it ended: a good key is held, and no unknown one is good. */
async function expectWell(person: Person): Promise<void> {
  const whoami = await person.ml(["whoami"]);
  expect(whoami.code, whoami.stderr).toBe(0);
  const live = await liveKeys(person);
  const held = live.find(({ id }) => id === heldKey(person).slice(8, 12));
  expect(held).toMatchObject({ pending: false, superseded_by: null });
  // Every other one is the one before, which its user knows, or one that waits for a first use that cannot come.
  for (const key of live) {
    if (key !== held) expect(key.pending || key.superseded_by === held?.id).toBe(true);
  }
  expect(live.filter(({ pending }) => pending).length).toBeLessThanOrEqual(1);
  expect(readdirSync(join(person.home, ".ml"))).toEqual(["config.toml"]);
  expect(statSync(configOf(person)).mode & 0o777).toBe(0o600);
}

describe("ml key rotate", () => {
  test("gives a new key, and the old one works on for its grace", async () => {
    const ada = await box.addPerson("ada");
    const { code, stdout, stderr } = await ada.ml(["key", "rotate"]);
    expect(code, stderr).toBe(0);
    expect(heldKey(ada)).not.toBe(ada.apiKey);
    expect(stdout).toContain(heldKey(ada).slice(8, 12));
    expect(stdout + stderr).not.toContain(heldKey(ada));
    await expectWell(ada);
    expect((await elsewhere(ada, ada.apiKey, "old").ml(["whoami"])).code).toBe(0);
    expect(await liveKeys(ada)).toHaveLength(2);
  });

  test("again and again leaves at most two good keys", async () => {
    const ben = await box.addPerson("ben");
    for (let round = 0; round < 4; round++) {
      expect((await ben.ml(["key", "rotate"])).code).toBe(0);
      await expectWell(ben);
      expect((await liveKeys(ben)).length).toBeLessThanOrEqual(2);
    }
    expect((await elsewhere(ben, ben.apiKey, "oldest").ml(["whoami"])).code).toBe(3);
  });

  test("--print leaves the old key good; a later one ends the printed one", async () => {
    const cleo = await box.addPerson("cleo");
    const first = (await cleo.ml(["key", "rotate", "--print"])).stdout.trim();
    const second = (await cleo.ml(["key", "rotate", "--print"])).stdout.trim();
    expect(heldKey(cleo)).toBe(cleo.apiKey);
    expect((await elsewhere(cleo, first, "first").ml(["whoami"])).code).toBe(3);
    await expectWell(cleo);
    expect((await elsewhere(cleo, second, "second").ml(["whoami"])).code).toBe(0);
    expect((await cleo.ml(["whoami"])).code).toBe(0);
  });

  test("is for viewers too, and shows nobody else's keys", async () => {
    const dan = await box.addPerson("dan", "viewer");
    expect((await dan.ml(["key", "rotate"])).code).toBe(0);
    await expectWell(dan);
    const { stdout } = await dan.ml(["key", "list", "--json"]);
    const keys = JSON.parse(stdout) as readonly ApiKey[];
    expect(keys.map(({ user }) => user)).toEqual(["dan", "dan"]);
    expect(stdout).not.toMatch(/[0-9a-f]{64}/);
  });

  test("takes a key that was revoked for what it is", async () => {
    const eve = await box.addPerson("eve");
    await box.admin(["key", "revoke", "--user", "eve"]);
    const { code, stderr } = await eve.ml(["key", "rotate"]);
    expect([code, stderr.includes("revoked")]).toEqual([3, true]);
    expect(heldKey(eve)).toBe(eve.apiKey);
  });
});

describe("whatever happens to ml key rotate, a good key is held and no unknown one is good", () => {
  test("when it is killed, at any moment", async () => {
    const finn = await box.addPerson("finn");
    const began = performance.now();
    expect((await finn.ml(["key", "rotate"])).code).toBe(0);
    const wholeMs = performance.now() - began;
    // The server gives a user 20 keys an hour.
    const rounds = 17;
    for (let round = 0; round < rounds; round++) {
      const child = finn.start(["key", "rotate"]);
      await Bun.sleep((wholeMs * round) / rounds);
      child.kill("SIGKILL");
      await child.exited;
      // What a kill leaves is ours alone, is not read, and is cleared away later.
      for (const name of readdirSync(join(finn.home, ".ml"))) {
        expect(name).toMatch(/^config\.toml(?:\.rotating(?:\.clearing)?|\.[0-9a-f-]{36}\.tmp)?$/);
      }
      expect((await finn.ml(["whoami"])).code).toBe(0);
    }
    const live = await liveKeys(finn);
    expect(live.find(({ id }) => id === heldKey(finn).slice(8, 12))?.pending).toBe(false);
    expect(live.length).toBeLessThanOrEqual(3);
  });

  test("when the connection dies after every number of bytes of the answers", async () => {
    const gus = await box.addPerson("gus");
    const proxy = await startCuttingProxy(Number(new URL(box.httpUrl).port));
    try {
      const config = readFileSync(configOf(gus), "utf8");
      for (const bytes of [0, 1, 100, 250, 300, 350, 400, 450, 500, 600, 700, 800, 1000]) {
        writeFileSync(
          configOf(gus),
          config
            .replace(/api_key = .*/, `api_key = "${heldKey(gus)}"`)
            .replace(/:\d+\/ws/, `:${proxy.port}/ws`),
        );
        proxy.cutAfter(bytes);
        await gus.ml(["key", "rotate"]);
        proxy.cutAfter(Infinity);
        await expectWell(gus);
      }
    } finally {
      writeConfig(gus.home, { apiKey: heldKey(gus), port: Number(new URL(box.httpUrl).port) });
      proxy.close();
    }
  });

  test("when the server is killed and comes back", async () => {
    const hal = await box.addPerson("hal");
    for (const waitMs of [0, 10, 20, 40]) {
      const child = hal.start(["key", "rotate"]);
      await Bun.sleep(waitMs);
      await box.stop("SIGKILL");
      await child.exited;
      await box.start();
      await expectWell(hal);
    }
  });

  test("when ten run at once", async () => {
    const ida = await box.addPerson("ida");
    await Promise.all(Array.from({ length: 10 }, () => ida.ml(["key", "rotate"])));
    await expectWell(ida);
  });

  test("when two machines that share a key rotate it at once", async () => {
    const jan = await box.addPerson("jan");
    const other = elsewhere(jan, jan.apiKey, "second-machine");
    await Promise.all([jan, other].map((person) => person.ml(["key", "rotate"])));
    for (const person of [jan, other]) expect((await person.ml(["whoami"])).code).toBe(0);
    const known = new Set(
      [jan.apiKey, heldKey(jan), heldKey(other)].map((key) => key.slice(8, 12)),
    );
    for (const { id, pending } of await liveKeys(jan)) {
      expect(pending || known.has(id)).toBe(true);
    }
  });
});
