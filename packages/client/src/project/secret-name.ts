// Which names say that a file holds a secret.

/**
 * Why a file is taken for a secret by its path alone, as the end of a sentence that begins with the path; `null` for all
 * other files. Only names are listed that by convention hold secrets, and none that is meant to be shared.
 *
 * @param path from the project's root with `/` between parts
 */
export function secretInName(path: string): string | null {
  const asWritten = path.slice(path.lastIndexOf("/") + 1);
  if (!MAYBE.test(asWritten)) return null;
  const name = asWritten.toLowerCase();
  if (SSH_KEY.test(name)) return "has the name of a private SSH key";
  if (name.endsWith(".p12") || name.endsWith(".pfx")) return "has the name of a private key";
  if (isDotEnv(name)) return "holds environment variables, which are mostly secrets";
  const keeper = KEEPERS.get(name);
  if (keeper !== undefined) return `has the name of a file in which ${keeper}`;
  const inFolder = KEEPERS_IN_FOLDER.find(([end]) => `/${path}`.toLowerCase().endsWith(end));
  return inFolder === undefined ? null : `has the name of a file in which ${inFolder[1]}`;
}

/** Lets through nearly every name at once: a project may have 50,000. */
const MAYBE = /^(?:id_|[._]|kaggle|credentials|secrets)|\.(?:p12|pfx)$/i;

// As ssh-keygen(1) names them. The public halves end in .pub.
const SSH_KEY = /^id_(?:rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)$/;

const KEEPERS: ReadonlyMap<string, string> = new Map([
  [".netrc", "programs keep passwords"],
  ["_netrc", "programs keep passwords"],
  [".git-credentials", "Git keeps passwords"],
  [".pgpass", "PostgreSQL keeps passwords"],
  ["kaggle.json", "Kaggle keeps its key"],
]);

const KEEPERS_IN_FOLDER = [
  ["/.aws/credentials", "AWS keeps its keys"],
  ["/.streamlit/secrets.toml", "Streamlit keeps secrets"],
] as const;

/** `.env` and what stands beside it, `.env.local` say; not the patterns for one that projects share. */
function isDotEnv(name: string): boolean {
  if (name === ".env") return true;
  if (!name.startsWith(".env.")) return false;
  // By convention never committed, whatever it stands for: `.env.test.local`.
  return name.endsWith(".local") || !name.split(".").some((part) => SHARED.has(part));
}

const SHARED = new Set([
  "example",
  "examples",
  "sample",
  "samples",
  "template",
  "tpl",
  "tmpl",
  "dist",
  "default",
  "defaults",
  "schema",
  "test",
  "ci",
]);
