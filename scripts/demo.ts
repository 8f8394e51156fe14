// `npm run demo`: the whole road in a temporary folder, from a fresh build to a real training that was queued, followed and cancelled.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildForHost } from "./build.ts";

const root = join(import.meta.dir, "..");
const folder = mkdtempSync(join(tmpdir(), "fetchml-demo-"));
const home = join(folder, "home");
const data = join(folder, "data");
const digits = join(root, "examples/digits");
const ml = join(root, "dist/ml");
const fetchml = join(root, "dist/fetchml");
const env = {
  PATH: process.env["PATH"] ?? "/usr/bin:/bin",
  HOME: home,
  TERM: process.env["TERM"] ?? "dumb",
};

let server: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;

async function main(): Promise<void> {
  // Where this is root, the accounts of its jobs pass through.
  chmodSync(folder, 0o711);
  mkdirSync(home, { mode: 0o700 });
  say("1. Build dist/ml and dist/fetchml");
  await buildForHost();

  say("2. Start a server on a free port, its data in a temporary folder");
  const url = await startSandboxedServer();

  say("3. Add a user and issue a key");
  run(fetchml, ["user", "add", "alice", "--data-dir", data], { show: true });
  const key = run(fetchml, ["key", "issue", "alice", "--label", "demo", "--data-dir", data]).trim();
  print(`fetchml_${key.slice(8, 12)}… (44 characters, shown once)\n`);

  say("4. Log in as that user");
  run(ml, ["login", url], { show: true, input: `${key}\n` });
  run(ml, ["status"], { show: true });

  say("5. Queue a real training and follow it");
  run(ml, ["queue", "my-training-job"], { show: true, cwd: digits });
  await follow("my-training-job");
  const accuracy = finalAccuracy(run(ml, ["logs", "my-training-job"]));
  expect(accuracy > 90, `test accuracy is ${accuracy} %, not above 90 %`);
  expect(stateOf("my-training-job") === "succeeded", "the training did not succeed");
  print(`\nThe network learned to read digits in this run: ${accuracy} % of the test images.\n`);

  say("6. Queue a second, long one and cancel it");
  run(ml, ["queue", "long-training-job"], { show: true, cwd: digits });
  await until(
    () => run(ml, ["logs", "long-training-job"]).includes("epoch"),
    "the second job writes no log",
  );
  run(ml, ["cancel", "long-training-job"], { show: true });
  run(ml, ["wait", "long-training-job"], { codes: [1] });
  expect(stateOf("long-training-job") === "cancelled", "the second job was not cancelled");
  run(ml, ["list", "--all"], { show: true });
  run(ml, ["status"], { show: true });
}

/** Where no sandbox works, and only for this demo, jobs run without one, and the demo says so. */
async function startSandboxedServer(): Promise<string> {
  try {
    return await startServer("auto");
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n`);
    print("No sandbox works on this machine, so the jobs of this demo run without one.\n");
    return startServer("none");
  }
}

async function startServer(sandbox: "auto" | "none"): Promise<string> {
  server = Bun.spawn(
    [fetchml, "serve", "--sandbox", sandbox, "--listen", "127.0.0.1:0", "--data-dir", data],
    {
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  let log = "";
  for await (const chunk of server.stdout.pipeThrough(new TextDecoderStream())) {
    log += chunk;
    const url = /"url":"(ws:[^"]+)"/.exec(log)?.[1];
    if (url === undefined) continue;
    const kind = /"kind":"([a-z]+)"/.exec(log)?.[1];
    print(`${url}\nSandbox: ${kind}\n`);
    return url;
  }
  throw new Error(`the server did not start: ${await new Response(server.stderr).text()}`);
}

/** Follows a job's log as a person would, its progress bar live where this is a terminal. */
async function follow(job: string): Promise<void> {
  print(`$ ml logs -f ${job}\n`);
  const child = Bun.spawn([ml, "logs", "-f", job], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  expect((await child.exited) === 0, `ml logs -f ${job} ended with ${child.exitCode}`);
}

/** The accuracy that the log's last line tells, in percent; NaN when there is none. */
function finalAccuracy(log: string): number {
  return Number(/^test accuracy (\d+\.\d) %/m.exec(log)?.[1]);
}

function stateOf(job: string): string {
  const shown: unknown = JSON.parse(run(ml, ["show", job, "--json"]));
  return typeof shown === "object" && shown !== null && "state" in shown
    ? String(shown.state)
    : "unknown";
}

interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  /** Print the command and what it says. */
  readonly show?: boolean;
  /** Exit codes that are right; default 0. */
  readonly codes?: readonly number[];
}

/** Runs a command to its end and answers its stdout. */
function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const name = command.split("/").at(-1) ?? command;
  if (options.show === true) print(`$ ${[name, ...args].join(" ").replaceAll(folder, "DEMO")}\n`);
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: options.cwd ?? home,
    env,
    input: options.input ?? "",
    encoding: "utf8",
  });
  if (options.show === true) print(`${stdout}${stderr}`.replaceAll(folder, "DEMO"));
  const isRight = (options.codes ?? [0]).includes(status ?? -1);
  expect(isRight, `${name} ${args[0] ?? ""} ended with ${status ?? "a signal"}:\n${stderr}`);
  return stdout;
}

/** Waits until the condition holds, at most 20 s. */
async function until(condition: () => boolean, complaint: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    expect(Date.now() < deadline, complaint);
    await Bun.sleep(100);
  }
}

async function cleanUp(): Promise<void> {
  if (server !== null) {
    spawnSync(ml, ["cancel", "--all", "--yes", "--now"], { env, cwd: home });
    server.kill("SIGTERM");
    await server.exited;
  }
  rmSync(folder, { recursive: true, force: true });
}

function expect(holds: boolean, complaint: string): void {
  if (!holds) throw new Error(complaint);
}

function say(text: string): void {
  print(`\n── ${text}\n`);
}

function print(text: string): void {
  process.stdout.write(text);
}

let code = 0;
const started = Date.now();
try {
  await main();
} catch (error) {
  code = 1;
  process.stderr.write(
    `\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`,
  );
} finally {
  await cleanUp();
}
if (code === 0) {
  print(`
All of it worked, in ${((Date.now() - started) / 1000).toFixed(0)} s, and nothing is left behind. To run FetchML for real, three commands:

  dist/fetchml serve                             # on the GPU box; read SECURITY.md first
  dist/fetchml user add alice && dist/fetchml key issue alice
  dist/ml login                                  # on the laptop, while "ml tunnel you@box" runs
`);
}
process.exit(code);
