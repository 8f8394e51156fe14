// Every command that docs/api-keys.md shows is run here, in its order; a new one without a place here fails.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseApiKey } from "@fetchml/protocol";
import { openBox, personAt, writeConfig, writeProject, type Box, type Person } from "./box.ts";

const root = join(import.meta.dir, "..");
const page = readFileSync(join(root, "docs/api-keys.md"), "utf8");

/** Lines of the page's shell blocks, without their comments. */
const lines = [...page.matchAll(/^ *```sh\n([^]*?)```/gm)]
  .flatMap((block) => (block[1] ?? "").split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

// Not in the box's folder: the laptop outlives the database.
const laptop = mkdtempSync(join(tmpdir(), "fetchml-laptop-"));
let box: Box;
let alice: Person;
let key = "";

beforeAll(async () => {
  box = await openBox();
  alice = personAt(join(laptop, "alice"), { name: "alice", apiKey: "" });
  writeProject(join(alice.home, "work"), {
    "ml.toml": '[jobs.my-training-job]\ncommand = "exec sleep 600"\n',
  });
});

afterAll(async () => {
  await alice.ml(["cancel", "--all", "--yes", "--now"]);
  await box.close();
  rmSync(laptop, { recursive: true });
});

/** Runs a line of the page on the box; the page's id stands for that of alice's key. */
async function admin(line: string, input = ""): Promise<string> {
  const words = line.split(" < ")[0]?.split(" ") ?? [];
  const args = words.slice(1).map((word) => (word === "kpaz" ? key.slice(8, 12) : word));
  const { code, stdout, stderr } = await box.admin(args, { input });
  expect(code, stderr).toBe(0);
  return stdout;
}

async function ml(line: string, input = ""): Promise<string> {
  const { code, stdout, stderr } = await alice.ml(line.split(" ").slice(1), { input });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Takes a key that was printed alone as alice's, and checks that it is one. */
function take(printed: string): void {
  key = printed.trim();
  expect(parseApiKey(key).ok).toBe(true);
}

function heldKey(): string {
  return (
    /^api_key = "(\w+)"$/m.exec(readFileSync(join(alice.home, ".ml/config.toml"), "utf8"))?.[1] ??
    ""
  );
}

const elsewhere = "covered by another test";

/** How each line is run, the n-th time that it stands in the page. */
const acts: Readonly<Record<string, readonly (() => Promise<unknown> | typeof elsewhere)[]>> = {
  "fetchml user add alice": [
    () => admin("fetchml user add alice"),
    // After the loss of the database.
    async () => {
      const hash = new Bun.CryptoHasher("sha256").update(heldKey()).digest("hex");
      writeFileSync(join(laptop, "hash.txt"), hash);
      key = heldKey();
      const lost = box;
      box = await openBox();
      await lost.close();
      writeConfig(alice.home, { apiKey: key, port: Number(new URL(box.httpUrl).port) });
      await admin("fetchml user add alice");
    },
  ],
  // The tests of the script run this with the real client of Bitwarden.
  "ssh box fetchml key issue alice | ./scripts/create_bitwarden_fetchml_item.sh alice": [
    () => {
      expect(existsSync(join(root, "scripts/create_bitwarden_fetchml_item.sh"))).toBe(true);
      return elsewhere;
    },
  ],
  "fetchml key issue alice --label laptop": [
    async () => take(await admin("fetchml key issue alice --label laptop")),
    async () => {
      take(await admin("fetchml key issue alice --label laptop"));
      await ml(`ml login ${box.url}`, key);
    },
  ],
  "fetchml key issue alice --json": [
    async () => {
      const issued = JSON.parse(await admin("fetchml key issue alice --json"));
      const hash = new Bun.CryptoHasher("sha256").update(issued.api_key).digest("hex");
      expect(issued.api_key_hash).toBe(hash);
      await box.admin(["key", "revoke", issued.id]);
    },
  ],
  "fetchml key issue alice --spoken": [
    // To a terminal only, unless forced: another test shows it there. Here it must not print to a pipe.
    async () => {
      const { code, stdout } = await box.admin(["key", "issue", "alice", "--spoken"]);
      expect(code).not.toBe(0);
      expect(stdout).toBe("");
    },
  ],
  // Box and laptop are one machine here: there is nothing to tunnel.
  "ml tunnel you@box": [() => elsewhere],
  "ml login": [() => ml(`ml login ${box.url}`, `“${key.toUpperCase()}”\n`)],
  "ml status": [async () => expect(await ml("ml status")).toContain("alice")],
  "ml queue my-training-job": [() => ml("ml queue my-training-job")],
  "ml cancel my-training-job": [() => ml("ml cancel my-training-job")],
  "ml key list": [async () => expect(await ml("ml key list")).toContain("here")],
  "ml key rotate": [
    async () => {
      await ml("ml key rotate");
      expect(heldKey()).not.toBe(key);
      key = heldKey();
    },
  ],
  "ml key rotate --print": [
    async () => {
      const printed = (await ml("ml key rotate --print")).trim();
      expect(parseApiKey(printed).ok).toBe(true);
      expect(heldKey()).toBe(key);
    },
  ],
  "fetchml key rotate --user alice": [
    async () => {
      take(await admin("fetchml key rotate --user alice"));
      await ml("ml status");
      await ml(`ml login ${box.url}`, key);
    },
  ],
  "fetchml key rotate kpaz --grace 1h": [
    async () => {
      take(await admin("fetchml key rotate kpaz --grace 1h"));
      await ml(`ml login ${box.url}`, key);
    },
  ],
  "fetchml user disable guest": [
    async () => {
      const guest = await box.addPerson("guest");
      await box.admin(["key", "revoke", guest.apiKey.slice(8, 12)]);
      const tenDays = ["key", "issue", "guest", "--expires", "10d"];
      await guest.ml(["login"], { input: (await box.admin(tenDays)).stdout });
      for (const _ of [1, 2]) expect((await guest.ml(["key", "rotate"])).code).toBe(0);
      expect((await guest.ml(["whoami"])).stdout).toContain("10 days left");
      await admin("fetchml user disable guest");
      expect((await guest.ml(["status"])).code).toBe(3);
    },
  ],
  "fetchml key revoke kpaz": [
    async () => {
      await admin("fetchml key revoke kpaz");
      expect((await alice.ml(["status"])).code).toBe(3);
    },
  ],
  "fetchml key rotate kpaz --leaked": [
    async () => {
      take(await admin("fetchml key rotate kpaz --leaked"));
      expect((await alice.ml(["status"])).code).toBe(3);
      await ml(`ml login ${box.url}`, key);
    },
  ],
  "fetchml key list alice": [
    async () => expect(await admin("fetchml key list alice")).toContain(key.slice(8, 12)),
  ],
  "fetchml audit": [async () => expect(await admin("fetchml audit")).toContain("key.revoke")],
  "ml list --all --user alice": [
    async () => {
      const adam = await box.addPerson("adam", "admin");
      const { stdout } = await adam.ml(["list", "--all", "--user", "alice"]);
      expect(stdout).toContain("my-training-job");
      const listed = await adam.ml(["list", "--all", "--user", "alice", "--json"]);
      const [{ id }] = JSON.parse(listed.stdout);
      expect((await adam.ml(["show", String(id)])).stdout).toContain("exec sleep 600");
    },
  ],
  "fetchml key import alice --id kpaz --hash-stdin < hash.txt": [
    async () => {
      const hash = readFileSync(join(laptop, "hash.txt"), "utf8");
      await admin("fetchml key import alice --id kpaz --hash-stdin < hash.txt", hash);
      expect(await ml("ml status")).toContain("alice");
    },
  ],
};

const timesRun = new Map<string, number>();

for (const line of lines) {
  const time = timesRun.get(line) ?? 0;
  timesRun.set(line, time + 1);
  test(`docs/api-keys.md: ${line}`, async () => {
    const act = acts[line]?.[time];
    if (act === undefined) throw new Error(`The page shows a command that no test runs: ${line}`);
    await act();
  });
}

test("docs/api-keys.md shows every command that is tested for it", () => {
  const shown = Object.entries(acts).filter(
    ([line, each]) => lines.filter((one) => one === line).length !== each.length,
  );
  expect(shown.map(([line]) => line)).toEqual([]);
});

test("docs/api-keys.md shows no key that could be one, and the founding document's four settings", () => {
  const samples = page.match(/fetchml_[0-9a-z]{36}/g) ?? [];
  expect(samples.length).toBeGreaterThan(0);
  for (const sample of samples) expect(parseApiKey(sample)).toMatchObject({ problem: "checksum" });
  for (const setting of [
    'worker_host = "localhost"',
    "worker_port = 9100",
    'api_url = "ws://localhost:9100/ws"',
  ]) {
    expect(page).toContain(setting);
  }
});
