// What all spellings of a name have in common that Windows or macOS take for one.

/** Equal for names that differ only in case, in how an accent is composed, in what a Mac ignores, or in dots and spaces at the end. */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  const caseless = name
    .replace(IGNORED_ON_MAC, "")
    .normalize("NFD")
    // By way of capitals, which several small letters share, both kinds of sigma say; and of small letters first, since the
    // capital of the sharp s is its own capital, while that of the small one is SS.
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize("NFC");
  // Windows drops dots and spaces at the end of a name. What is nothing else stays a name.
  return caseless.replace(/[. ]+$/, "") || " ";
}

/** The same for each name of a path or of a link's target. */
export function foldPath(path: string): string {
  if (PLAIN_PATH.test(path)) return path.toLowerCase();
  return path
    .split("/")
    .map((name) => (name === "" || name === "." || name === ".." ? name : foldName(name)))
    .join("/");
}

const PLAIN = /^[ -~]*[!-\-/-~]$/;

// Parts without spaces that end in no dot, and those that are a dot or two.
const PLAIN_PATH = /^(?:(?:\.\.?|[!-.0-~]*[!-\-0-~])(?:\/|$))*$/;

/** What the file system of a Mac leaves out when it compares names: the list that Git itself goes by. */
export const IGNORED_ON_MAC = /[\u200C-\u200F\u202A-\u202E\u206A-\u206F\uFEFF]/g;
