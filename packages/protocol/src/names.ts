// Which names users and jobs may have, and the words that are never job names.

/** What a user may be called: 1–32 characters, lower case. */
export const USER_NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** What a job may be called, before the rules of {@link jobNameProblem}: 1–63 characters. */
export const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Names that a job's environment may hold. Those that FetchML sets itself are refused elsewhere. */
export const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Words that follow `ml queue` in other tools and so never name a job, with the command to say instead.
 * `null`: the bare queue is printed.
 */
export const RESERVED_JOB_NAMES = {
  ls: null,
  list: null,
  status: "ml status",
  show: "ml show JOB",
  log: "ml logs JOB",
  logs: "ml logs JOB",
  clear: "ml cancel --all",
  pause: "ml hold JOB",
  resume: "ml release JOB",
  help: "ml queue --help",
  cancel: "ml cancel JOB",
  rm: "ml cancel JOB",
  top: "ml status",
  watch: "ml status",
} as const satisfies Readonly<Record<string, string | null>>;

/** Whether a word is one of {@link RESERVED_JOB_NAMES}. */
export function isReservedJobName(name: string): name is keyof typeof RESERVED_JOB_NAMES {
  return Object.hasOwn(RESERVED_JOB_NAMES, name);
}

/** What is wrong with a job's name, as the end of a sentence; `null` when nothing is. */
export function jobNameProblem(name: string): string | null {
  if (isReservedJobName(name)) return "is a reserved word";
  if (/^\d+$/.test(name)) return "is all digits, which would look like a job's id";
  if (name.length > 63) return "is longer than 63 characters";
  if (!JOB_NAME.test(name)) {
    return "may hold only letters, digits, '.', '_' and '-', and starts with a letter or digit";
  }
  return null;
}
