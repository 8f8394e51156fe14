// A setup whose folder ends read-only: root can move that, and another account says why it cannot.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { namedCheckout } from "./named-checkout.fixture.ts";
import { sandbox, shells, shellSubject, type ShellSubject } from "./shell-subject.fixture.ts";

const PROJECT = { snapshot: "train.py=1 src/own=1" };
const SETUP = "mkdir -p src/deps/lib && echo made > src/deps/lib/x && chmod 500 src/deps/lib";
const isRoot = process.geteuid?.() === 0;

describe.skipIf(sandbox === undefined).each(shells)("with programs under %s", (shell) => {
  let subject: ShellSubject;
  beforeEach(async () => {
    subject = await shellSubject(shell, namedCheckout);
  });
  afterEach(() => {
    // So that the test's own account can take it away.
    Bun.spawnSync(["chmod", "-R", "u+rwX", subject.dataDir]);
    return subject.close();
  });

  test("what it made is kept with a read-only folder further down", async () => {
    await subject.run(subject.specOf(SETUP, "true", PROJECT));
    const log = await subject.run(subject.specOf(SETUP, "cat src/deps/lib/x", PROJECT));
    expect(log).toMatch(/^fetchml: setup kept from an earlier job: .*\nmade\n$/);
  });

  test("what it made is kept or not by whether the server may move it, and it says so", async () => {
    const setup = `${SETUP} && chmod 500 src/deps`;
    await subject.run(subject.specOf(setup, "true", PROJECT));
    const log = await subject.run(
      subject.specOf(setup, "stat -c %a src/deps; cat src/*/*/x", PROJECT),
    );
    expect(log).toEndWith("\n500\nmade\n");
    expect(log.includes("kept from an earlier job")).toBe(isRoot);
    expect(
      log.includes("each attempt: it made src/deps read-only, and a server that is not root"),
    ).toBe(!isRoot);
    expect(subject.kept()).toHaveLength(isRoot ? 1 : 0);
  });
});
