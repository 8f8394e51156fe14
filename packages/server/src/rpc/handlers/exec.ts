// Calls that run commands beside running jobs.
import { logBytes, FetchmlError } from "@fetchml/protocol";
import { actorOf, recorded } from "../../auth/audited.ts";
import { toLogBytes } from "../../logs/log-bytes.ts";
import { findRunningAttempt } from "../../queue/running-attempt.ts";
import { commandOf, forgetCommand, startForConnection } from "../connection-commands.ts";
import type { Handlers } from "./handler.ts";

/** Handlers of the calls about commands. The audit tells who ran one in which attempt, not what: that may hold a secret. */
export const execHandlers: Handlers<"exec.start" | "exec.read" | "exec.write" | "exec.signal"> = {
  "exec.start": async ({ queue, exec }, caller, { job, command }) => {
    const { principal, address } = caller;
    if (exec === undefined) throw noServer();
    const spec = await queue.db.read(() => findRunningAttempt(queue, principal, job));
    const name = await startForConnection(caller, async () => {
      const target = `${spec.jobId}#${spec.attempt}`;
      await recorded(
        queue,
        { ...actorOf(principal, address), action: "exec.start", target },
        () => undefined,
      );
      return exec.start(spec, command);
    });
    return { exec: name, job_id: spec.jobId, attempt: spec.attempt };
  },

  "exec.read": async (_, { principal }, { exec }) => {
    const { stdout, stderr, exitCode } = await commandOf(principal, exec).read();
    if (exitCode !== null) forgetCommand(exec);
    return { stdout: toLogBytes(stdout), stderr: toLogBytes(stderr), exit_code: exitCode };
  },

  "exec.write": async (_, { principal }, { exec, bytes, end }) => {
    const command = commandOf(principal, exec);
    const written = command.write(logBytes(bytes));
    // Said before the next call is looked at, which need not wait for the answer to this one.
    if (end === true) command.endInput();
    await written;
    return {};
  },

  "exec.signal": async (_, { principal }, { exec, signal }) => {
    commandOf(principal, exec).signal(signal);
    return {};
  },
};

function noServer(): FetchmlError {
  return new FetchmlError("conflict", "Cannot run a command: the server does not run.");
}
