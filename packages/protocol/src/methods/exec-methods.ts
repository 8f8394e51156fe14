// Methods that run a command beside a running job. It belongs to the connection that started it.
import * as z from "zod/mini";
import { JobRef } from "../job.ts";
import { LogBytes } from "../log-chunk.ts";
import type { Method } from "./method.ts";

/** Names a command to those who started it. */
const exec = z.string().check(z.minLength(1), z.maxLength(64));

/** The command that runs, for its owner and for admins. */
export const execMethods = {
  "exec.start": {
    summary:
      "Run a command in the sandbox and the folder of a running job. It ends with this connection, and with the attempt. Without cgroups, what has left its process group ends with the attempt only.",
    access: "member",
    params: z.object({
      job: JobRef,
      /** The program and its arguments; no shell is between. */
      command: z
        .array(z.string().check(z.maxLength(32_768), z.regex(/^[^\0]*$/)))
        .check(z.minLength(1), z.maxLength(1000)),
    }),
    result: z.object({ exec: z.string(), job_id: z.int(), attempt: z.int() }),
  },
  "exec.read": {
    summary:
      "Wait for output of a command; after a few seconds without there is none. Unread output makes the command wait.",
    access: "member",
    params: z.object({ exec }),
    result: z.object({
      stdout: LogBytes,
      stderr: LogBytes,
      /** Set once it has ended and all was read: its exit code, 128+N after signal N. */
      exit_code: z.nullable(z.int()),
    }),
  },
  "exec.write": {
    summary: "Hand bytes to the standard input of a command, and say whether that was all.",
    access: "member",
    params: z.object({
      exec,
      bytes: LogBytes,
      /** Ends the input. */
      end: z.optional(z.boolean()),
    }),
    result: z.object({}),
  },
  "exec.signal": {
    summary: "Send a signal to a command and what it has started.",
    access: "member",
    params: z.object({ exec, signal: z.enum(["INT", "TERM", "KILL"]) }),
    result: z.object({}),
  },
} as const satisfies Record<string, Method>;
