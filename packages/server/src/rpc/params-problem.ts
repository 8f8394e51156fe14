// Says in one line what is wrong with parameters.
import type { METHODS } from "@fetchml/protocol";
import { isPlainObject } from "./plain-object.ts";

type Failure = Extract<
  ReturnType<(typeof METHODS)["job.submit"]["params"]["safeParse"]>,
  { success: false }
>;

/** One thing that a schema found wrong. */
export type Issue = Failure["error"]["issues"][number];

/** The first problem, as `resources.cpus: expected a whole number of at least 1`. */
export function problemText(issues: readonly Issue[], input: unknown): string {
  const [issue] = issues;
  if (issue === undefined) return "the parameters do not fit";
  const { path, text } = tell(issue, input);
  return path === "" ? text : `${path}: ${text}`;
}

/** Path of the first field of the input that the parsed value has dropped; `null` when it has all of them. */
export function strangePath(input: unknown, parsed: unknown, at = ""): string | null {
  if (!isPlainObject(input) || !isPlainObject(parsed)) return null;
  for (const [name, value] of Object.entries(input)) {
    const path = joined(at, name);
    if (!Object.hasOwn(parsed, name)) return path;
    const deeper = strangePath(value, parsed[name], path);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** What the schema's library says where a schema has no words of its own. */
const NO_WORDS = "Invalid input";
const LONGEST_NAME = 64;

interface Told {
  readonly path: string;
  readonly text: string;
}

function tell(issue: Issue, input: unknown): Told {
  if (issue.code === "invalid_union") return tellUnion(issue, input);
  const path = pathText(issue.path);
  if (issue.code === "invalid_key") {
    return { path, text: issue.issues.map(({ message }) => message).join("; ") };
  }
  if (valueAt(input, issue.path) === undefined) return { path, text: "is missing" };
  return { path, text: issue.message === NO_WORDS ? words(issue) : issue.message };
}

/** Of the forms that a union allows, tells of those that the input came nearest to. */
function tellUnion(issue: Extract<Issue, { code: "invalid_union" }>, input: unknown): Told {
  const below = valueAt(input, issue.path);
  const isMissing = ({ path }: Issue) => valueAt(below, path) === undefined;
  const missing = issue.errors.map((issues) => issues.filter(isMissing).length);
  const fewest = Math.min(...missing);
  const nearest = issue.errors
    .filter((_, form) => missing[form] === fewest)
    .flatMap(([first]) => (first === undefined ? [] : [tell(first, below)]));
  const path = pathText(issue.path);
  const [only, ...others] = nearest;
  if (only === undefined) return { path, text: "has none of the forms allowed here" };
  if (others.length === 0) return { path: joined(path, only.path), text: only.text };
  const texts = new Set(nearest.map((each) => `${each.path} ${each.text}`.trim()));
  return { path, text: [...texts].join(", or ") };
}

function words(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
    case "too_small":
      return `expected ${boundWords(issue.origin)} of at least ${issue.minimum}`;
    case "too_big":
      return `expected ${boundWords(issue.origin)} of at most ${issue.maximum}`;
    case "invalid_value":
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_format":
    case "invalid_key":
    case "invalid_element":
    case "invalid_union":
    case "not_multiple_of":
    case "unrecognized_keys":
    case "custom":
      return "has not the form expected here";
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  record: "an object",
};

function boundWords(origin: string): string {
  if (origin === "string") return "text with a length";
  return origin === "array" ? "a list with a length" : "a number";
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((within, part) => {
    if (Array.isArray(within) && typeof part === "number") return within.at(part);
    const name = String(part);
    return isPlainObject(within) && Object.hasOwn(within, name) ? within[name] : undefined;
  }, value);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, part) => joined(before, String(part)), "");
}

function joined(before: string, name: string): string {
  const shown = name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME)}…` : name;
  return before === "" || shown === "" ? before + shown : `${before}.${shown}`;
}
