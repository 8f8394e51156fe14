// A server process reduced to one start, for tests that kill it.
import { shellSpec } from "../attempt.fixture.ts";
import { createLocalExecutor } from "./local-executor.ts";
import { localOptions } from "./local-executor.fixture.ts";

const timeout = process.env["TIMEOUT_MS"] ?? "";
const executor = createLocalExecutor(localOptions(process.env["DATA_DIR"] ?? ""));
await executor.start(
  shellSpec(process.env["COMMAND"] ?? "", { timeoutMs: timeout === "" ? null : Number(timeout) }),
);
// It stays until it is killed.
setInterval(() => executor.capacity(), 60_000);
