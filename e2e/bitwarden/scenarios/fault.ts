// Scenarios in which Bitwarden's server fails: an exit code for each case, and nothing half-made.
import { expect } from "bun:test";
import { changesOf, itemOf, itemsOf, type Scenario } from "./scenario.ts";

const atSync = "GET /api/sync";
const atCreate = "POST /api/ciphers";

/** Declares them. */
export function declareFaultScenarios(scenario: Scenario): void {
  for (const [answer, code, words] of [
    [401, 16, "bw login"],
    [403, 17, "forbids"],
    [404, 18, "does not know"],
    [429, 19, "Wait a minute"],
  ] as const) {
    scenario(`ends with ${code} when the server answers ${answer}`, async (desk) => {
      desk.vault.breakAt({ at: atSync, answer });
      const { code: actual, stderr } = await desk.put("alice");
      expect({ code: actual, stderr }).toEqual({ code, stderr: expect.stringContaining(words) });
      expect(stderr).toContain("fetchml key revoke kpaz");
      expect(changesOf(desk)).toEqual([]);
    });
  }

  scenario("ends with 20 when the server answers 500, whatever BW_CLEANEXIT says", async (desk) => {
    desk.vault.breakAt({ at: atCreate, answer: 500 });
    const env = { BW_CLEANEXIT: "true", BW_QUIET: "true", BW_RAW: "true", BW_PRETTY: "true" };
    const broken = await desk.run(["alice"], { input: desk.apiKey, env });
    expect(broken).toMatchObject({ code: 20, stdout: "" });
    expect(itemsOf(desk)).toEqual([]);
  });

  scenario("after a 502 that hid a success, the next run finds the item", async (desk) => {
    desk.vault.breakAt({ at: atCreate, answer: 502, afterDeed: true });
    expect(await desk.put("alice")).toMatchObject({ code: 20, stdout: "" });
    desk.vault.breakAt(null);
    expect(await desk.put("alice")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("Nothing to do"),
    });
    expect(itemsOf(desk)).toEqual([itemOf(desk, "alice")]);
  });

  scenario("ends with 21 when the server does not answer", async (desk) => {
    desk.vault.breakAt({ at: atSync, answer: "hang" });
    const ended = await desk.run(["alice"], {
      input: desk.apiKey,
      env: { FETCHML_BW_TIMEOUT: "12" },
    });
    expect(ended).toMatchObject({ code: 21, stderr: expect.stringContaining("within 12 s") });
  });

  scenario("ends with 4 when nobody listens at the server's address", async (desk) => {
    await desk.vault.close();
    expect(await desk.put("alice")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("ECONNREFUSED"),
    });
  });

  scenario("ends with 16 when the server has forgotten the login", async (desk) => {
    desk.vault.breakAt({ at: "POST /identity/connect/token", answer: 400 });
    expect((await desk.put("alice")).code).toBe(16);
  });
}
