// Tests of `ml status` and `ml whoami`, as processes against a real socket.
import { describe, expect, test } from "bun:test";
import { ALICE, sampleStatus, SOME_TIME, UNKNOWN_KEY } from "../testing/samples.fixture.ts";
import { servedBench } from "../testing/served-bench.fixture.ts";

const here = servedBench();

describe("ml status", () => {
  test("shows server, me, box and jobs", async () => {
    const { apiUrl } = here.serve({ "server.status": () => sampleStatus() });
    const { code, stdout, stderr } = await here.ml("status");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain(`FetchML 0.1.0 at ${apiUrl}, up 2h`);
    expect(stdout).toContain('alice (member), key kpaz "laptop", never expires');
    expect(stdout).toContain("the variable ML_API_KEY");
    expect(stdout).toContain("0  RTX 3090  24 GiB  job 11");
    expect(stdout).toMatch(/^11 {2}train {2}alice {2}running/m);
    expect(stdout).toMatch(/^12 {2}train {2}alice {2}queued \(resources\)/m);
  });

  test("prints the API's shape with --json", async () => {
    const { apiUrl } = here.serve({ "server.status": () => sampleStatus() });
    const { stdout } = await here.ml("status --json");
    const { client, ...status } = JSON.parse(stdout);
    expect(status).toEqual(sampleStatus());
    expect(client.api_url).toBe(apiUrl);
  });

  test("says which sandbox the server uses, and whether jobs have cgroups", async () => {
    const { server } = sampleStatus();
    const line = async (changes: object) => {
      here.serve({ "server.status": () => sampleStatus({ server: { ...server, ...changes } }) });
      return /^Sandbox +(.*)$/m.exec((await here.ml("status")).stdout)?.[1];
    };
    expect(await line({ sandbox: "bubblewrap", cgroups: true })).toBe("bubblewrap, with cgroups");
    expect(await line({ sandbox: "none", cgroups: false })).toBe("none, without cgroups");
    expect(await line({ sandbox: "account", cgroups: undefined })).toBe("account");
  });

  test("says which room the disk is short of, bytes or files", async () => {
    const status = sampleStatus();
    const line = async (changes: object) => {
      const disk = { ...status.box.disk, ...changes };
      here.serve({ "server.status": () => ({ ...status, box: { ...status.box, disk } }) });
      return /^Disk +(.*)$/m.exec((await here.ml("status")).stdout)?.[1];
    };
    const full = "no job is taken and none starts until";
    expect(await line({})).toBe("50 GiB of 100 GiB free");
    expect(await line({ files: { free: 12, reserve: 10_000 } })).toBe(
      `50 GiB of 100 GiB free, room for 12 more files, however small  ${full} there is room for 10000`,
    );
    expect(await line({ free_bytes: 1024 ** 2 })).toBe(
      `1 MiB of 100 GiB free  ${full} 1 GiB are free`,
    );
    expect(await line({ files: null })).toBe("50 GiB of 100 GiB free");
    // As an older server has it.
    expect(await line({ files: undefined })).toBe("50 GiB of 100 GiB free");
  });

  test("warns from 14 days before the end of the key", async () => {
    let left = 14 * 86_400_000;
    here.serve({
      "server.status": () => sampleStatus({ me: { ...ALICE, key_expires_at: SOME_TIME + left } }),
    });
    expect((await here.ml("status")).stderr).toBe(
      'Your key kpaz has 14 days left. Type "ml key rotate" for a new one.\n',
    );
    left += 1;
    expect((await here.ml("status")).stderr).toBe("");
  });

  test("says how many queued jobs it does not show", async () => {
    here.serve({ "server.status": () => sampleStatus({ counts: { queued: 31, running: 1 } }) });
    expect((await here.ml("status")).stdout).toContain("and 30 more queued");
  });

  test("takes control sequences out of what others named", async () => {
    const evil = sampleStatus();
    const queued = evil.queued.map((job) => ({ ...job, name: "\u001B[2J\u001B]0;x\u0007evil" }));
    here.serve({ "server.status": () => ({ ...evil, queued }) });
    const { stdout } = await here.ml("status");
    expect(stdout).not.toContain("\u001B");
    expect(stdout).toContain("evil");
    expect((await here.ml("status --json")).stdout).not.toContain("\u001B");
  });

  test("exits 4 when nothing listens", async () => {
    const apiUrl = "ws://127.0.0.1:1/ws";
    const { code, stdout, stderr } = await here.ml("status", { apiUrl });
    expect(code).toBe(4);
    expect(stdout).toBe("");
    expect(stderr).toStartWith(`Cannot reach FetchML at ${apiUrl}: connection refused`);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
  });

  test("exits 3 without a key, and with one that the server refuses", async () => {
    const without = await here.ml("status");
    expect(without.code).toBe(3);
    expect(without.stderr).toContain('"ml login"');
    here.serve({});
    const { code, stderr } = await here.ml("status", { env: { ML_API_KEY: UNKNOWN_KEY } });
    expect([code, stderr]).toEqual([3, "The API key is not valid.\n"]);
  });

  test("says which side to upgrade when the protocols differ", async () => {
    here.serve({ answers: {}, protocolVersion: 2 });
    const { code, stderr } = await here.ml("status");
    expect(code).toBe(1);
    expect(stderr).toContain('Upgrade "ml"');
  });
});

test("ml status tells who uses a GPU outside FetchML", async () => {
  const status = sampleStatus();
  const processes = [
    { pid: 812, user: "bob", name: "python3", memory_bytes: 3 * 1024 ** 3 },
    { pid: 9, user: null, name: null, memory_bytes: null },
  ];
  const gpus = status.box.gpus.map((gpu) => ({
    ...gpu,
    job_id: null,
    used_by_others: true,
    other_processes: processes,
  }));
  here.serve({ "server.status": () => ({ ...status, box: { ...status.box, gpus } }) });
  const { stdout } = await here.ml("status");
  expect(stdout).toContain("taken by others: process 812 (python3, bob, 3 GiB), process 9\n");
  expect(stdout).not.toContain("GiB  free");
});

test("ml whoami tells who the server takes me for", async () => {
  here.serve({ "user.whoami": () => ALICE });
  expect((await here.ml("whoami")).stdout).toBe(
    'alice (member), key kpaz "laptop", never expires\n',
  );
  expect(JSON.parse((await here.ml("whoami --json")).stdout)).toEqual(ALICE);
});
