// The local executor passes the suite of all executors, with each sandbox that the machine offers.
import { testExecutor } from "../executor.conformance.ts";
import { localSubject, offeredSandboxes } from "./local-executor.fixture.ts";

for (const sandbox of await offeredSandboxes()) {
  testExecutor(`local executor, sandbox ${sandbox.kind}`, () => localSubject({ sandbox }));
}
