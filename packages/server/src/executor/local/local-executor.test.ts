// The local executor passes the suite of all executors.
import { testExecutor } from "../executor.conformance.ts";
import { localSubject } from "./local-executor.fixture.ts";

testExecutor("local executor", () => localSubject());
