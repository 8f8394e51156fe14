// Tests of the warning about a config with a key inside a Git work tree, with the real Git.
import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VALID_KEY } from "../testing/samples.fixture.ts";
import { doctorBench } from "./doctor.fixture.ts";

const at = doctorBench();
beforeEach(() => at.serve());

const gitCheck = async (env: Record<string, string> = {}) => {
  const told = await at.doctor({ env });
  expect(told.code).toBe(0);
  return told.check("git");
};

/** Makes a work tree of a folder. */
function git(folder: string, ...args: string[]): void {
  const command = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", ...args];
  const { exitCode, stderr } = Bun.spawnSync(command, {
    env: { PATH: process.env["PATH"], HOME: at.here.bench.home },
  });
  if (exitCode !== 0) throw new Error(stderr.toString());
}

/** A config with the key in a project, named by the variable. */
function inProject(name = "ml config.toml"): Record<string, string> {
  const path = join(at.here.bench.project, "sub", name);
  at.writeConfig(`api_key = "${VALID_KEY}"\napi_url = "${at.here.server.apiUrl}"\n`, { path });
  return { ML_CONFIG: path };
}

describe("the check for Git", () => {
  test("is content with a config outside of any work tree", async () => {
    expect(await gitCheck()).toMatchObject({ status: "ok", facts: {} });
  });

  test("warns of one inside, and its command mends it", async () => {
    git(at.here.bench.project, "init", "-q");
    const env = inProject();
    const { status, message, fix, facts } = await gitCheck(env);
    expect(status).toBe("warning");
    expect(message).toContain(at.here.bench.project);
    expect(facts).toEqual({ work_tree: at.here.bench.project });
    await at.type(fix);
    expect((await gitCheck(env)).status).toBe("ok");
  });

  test("warns of a home folder that is a work tree, as people keep their dotfiles", async () => {
    git(at.here.bench.home, "init", "-q");
    const { status, fix } = await gitCheck();
    expect(status).toBe("warning");
    await at.type(fix);
    expect((await gitCheck()).status).toBe("ok");
  });

  test("warns of one that Git has already, also where it is ignored, and its command mends it", async () => {
    git(at.here.bench.project, "init", "-q");
    const env = inProject();
    git(at.here.bench.project, "add", "-A");
    git(at.here.bench.project, "commit", "-qm", "oops");
    writeFileSync(join(at.here.bench.project, ".gitignore"), "sub/");
    const { status, message, fix } = await gitCheck(env);
    expect(status).toBe("warning");
    expect(message).toContain("ml key rotate");
    await at.type(fix);
    expect((await gitCheck(env)).status).toBe("ok");
  });

  test("is content with one that Git ignores, and with one that holds no key", async () => {
    git(at.here.bench.project, "init", "-q");
    writeFileSync(join(at.here.bench.project, ".gitignore"), "*.toml\n");
    expect(await gitCheck(inProject())).toMatchObject({ status: "ok" });
    const path = join(at.here.bench.project, "open.cfg");
    at.writeConfig(`api_url = "${at.here.server.apiUrl}"\n`, { path });
    const told = await at.doctor({ env: { ML_CONFIG: path, ML_API_KEY: VALID_KEY } });
    expect(told.check("git").status).toBe("ok");
  });

  test("looks where a link leads, and into linked work trees", async () => {
    const { project, home } = at.here.bench;
    git(project, "init", "-q");
    git(project, "commit", "-q", "--allow-empty", "-m", "x");
    git(project, "worktree", "add", "-q", join(home, "linked"));
    const { ML_CONFIG: target = "" } = inProject();
    const link = join(home, "config-link.toml");
    symlinkSync(target, link);
    expect((await gitCheck({ ML_CONFIG: link })).facts).toEqual({ work_tree: project });
    const path = join(home, "linked", "config.toml");
    at.writeConfig(`api_key = "${VALID_KEY}"\napi_url = "${at.here.server.apiUrl}"\n`, { path });
    const { status, fix } = await gitCheck({ ML_CONFIG: path });
    expect(status).toBe("warning");
    await at.type(fix);
    expect((await gitCheck({ ML_CONFIG: path })).status).toBe("ok");
  });

  test("warns also where Git is not installed, and never runs what the repository names", async () => {
    const { project } = at.here.bench;
    git(project, "init", "-q");
    const trace = join(project, "trace");
    git(project, "config", "core.fsmonitor", `touch ${trace}`);
    const env = inProject();
    expect((await gitCheck(env)).status).toBe("warning");
    expect(await Bun.file(trace).exists()).toBe(false);
    mkdirSync(join(project, "bin"));
    expect((await gitCheck({ ...env, PATH: join(project, "bin") })).status).toBe("warning");
  });
});
