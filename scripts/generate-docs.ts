// Writes the generated pages, or with --check says which are not current.
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { commands } from "../packages/cli/src/command-table.ts";
import { adminCommands } from "../packages/server/src/commands/command-table.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import { dumpSchema } from "../packages/server/src/store/schema-dump.ts";
import { apiPage } from "./api-page.ts";
import { configurationPage } from "./configuration-page.ts";
import { floorTables } from "./floor-rules/floor-tables.ts";

const root = join(import.meta.dir, "..");

/** Every generated file with what should stand in it. */
const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/api.md": apiPage,
  "docs/configuration.md": configurationPage,
  "packages/server/src/store/schema.sql": freshSchema,
  "README.md": () => between("README.md", "commands", commandTables()),
  "ARCHITECTURE.md": async () => between("ARCHITECTURE.md", "floors", await floorTables()),
};

const isCheck = process.argv.includes("--check");
let staleCount = 0;
for (const [path, make] of Object.entries(pages)) {
  const file = join(root, path);
  const text = path.endsWith(".md") ? await formatPage(await make()) : await make();
  if (existsSync(file) && readFileSync(file, "utf8") === text) continue;
  staleCount += 1;
  if (!isCheck) writeFileSync(file, text);
  process.stdout.write(
    isCheck ? `${path} is not current: type "npm run docs"\n` : `wrote ${path}\n`,
  );
}
process.exit(isCheck && staleCount > 0 ? 1 : 0);

/** As `npm run format` would write it. */
function formatPage(text: string): Promise<string> {
  return format(text, { parser: "markdown", printWidth: 100 });
}

function freshSchema(): string {
  const folder = mkdtempSync(join(tmpdir(), "fetchml-schema-"));
  try {
    const db = openStore(folder, 0);
    const text = dumpSchema(db);
    db.close();
    return text;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function commandTables(): string {
  const user = commands.map(({ name, summary }) => `| \`ml ${name}\` | ${summary} |`);
  const admin = adminCommands.map(({ name, summary }) => `| \`fetchml ${name}\` | ${summary} |`);
  return `| user, anywhere | does |\n| --- | --- |\n${user.join("\n")}\n\n| admin, on the box | does |\n| --- | --- |\n${admin.join("\n")}\n`;
}

/** The file's text with what stands between its two markers replaced. */
function between(path: string, marker: string, text: string): string {
  const old = readFileSync(join(root, path), "utf8");
  const parts = new RegExp(`^([^]*<!-- ${marker} -->\\n)[^]*(<!-- /${marker} -->[^]*)$`).exec(old);
  if (parts === null)
    throw new Error(`${path} lacks the markers <!-- ${marker} --> and <!-- /${marker} -->`);
  return `${parts[1]}\n${text}\n${parts[2]}`;
}
