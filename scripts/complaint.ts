// The shape of a complaint of the project's checkers: where, which rule, what is wrong, what to do.

/** One broken rule. */
export interface Complaint {
  /** The file, relative to the project's root. */
  readonly path: string;
  /** Line in the file, counted from 1, where a line helps to find the fault. */
  readonly line?: number;
  /** The rule's name, kebab-case. */
  readonly rule: string;
  /** What is wrong, without a full stop. */
  readonly problem: string;
  /** What to do about it, without a full stop. */
  readonly remedy: string;
}

/** One line for the terminal: `path:line: rule: problem. Remedy.` */
export function formatComplaint({ path, line, rule, problem, remedy }: Complaint): string {
  const place = line === undefined ? path : `${path}:${line}`;
  return `${place}: ${rule}: ${problem}. ${remedy}.`;
}
