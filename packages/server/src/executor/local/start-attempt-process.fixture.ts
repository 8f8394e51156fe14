// A server process reduced to one start, for tests that kill it.
import { shellSpec } from "../attempt.fixture.ts";
import { createLocalExecutor } from "./local-executor.ts";
import { localOptions, offeredSandboxes } from "./local-executor.fixture.ts";

const timeout = process.env["TIMEOUT_MS"] ?? "";
const kind = process.env["SANDBOX"] ?? "none";
const sandbox = (await offeredSandboxes()).find((plan) => plan.kind === kind);
if (sandbox === undefined) throw new Error(`no sandbox ${kind} here`);
const options = localOptions(process.env["DATA_DIR"] ?? "");
const executor = createLocalExecutor({ ...options, sandbox });
await executor.start(
  shellSpec(process.env["COMMAND"] ?? "", { timeoutMs: timeout === "" ? null : Number(timeout) }),
);
// It stays until it is killed.
setInterval(() => executor.capacity(), 60_000);
