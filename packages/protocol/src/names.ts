// Which names users and jobs may have, and the words that are never job names.

/** What a user may be called: 1–32 characters, lower case. */
export const USER_NAME = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** The rule for a user's name, as the end of a sentence. */
export const USER_NAME_RULE =
  'it has 1 to 32 small letters, digits, ".", "_" and "-", and begins with a letter or digit';

/**
 * What a key may be labelled: 1–64 characters, not all blank, in one line and without those that steer a terminal or turn
 * the writing round, as labels stand in lists.
 */
export const KEY_LABEL =
  /^(?=.*\S)[^\p{Cc}\p{Cs}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]{1,64}$/u;

/** The rule for a key's label, as the end of a sentence. */
export const KEY_LABEL_RULE =
  "it has 1 to 64 characters in one line, none of them a control character";

/** The name that somebody meant who wrote this one, such as `alice` for `Alice` or `alice@example.org`; `null` when none is near. */
export function nearestUserName(text: string): string | null {
  const name = text
    .trim()
    .replace(/(?<=.)@.*$/s, "")
    // Letters without their accents.
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "")
    .slice(0, 32)
    .replace(/[._-]+$/, "");
  return USER_NAME.test(name) ? name : null;
}

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
