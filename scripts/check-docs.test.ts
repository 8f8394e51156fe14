// Shows what the documents' checker finds: dead paths and links, unknown commands, line numbers.

import { describe, expect, test } from "bun:test";
import { checkDocument } from "./check-docs.ts";
import { placesOf } from "./doc-rules/named-paths.ts";

const places = placesOf([
  "README.md",
  "docs/api.md",
  "docs/decisions/0001-bun.md",
  "packages/server/src/domain/pick-next.ts",
  "packages/server/src/rpc/dispatch.ts",
]);
const commands = {
  npm: ["build", "test"],
  ml: ["queue", "status", "key list"],
  fetchml: ["serve", "key issue", "key list", "user add"],
};

function problems(markdown: string, path = "docs/guide.md"): readonly string[] {
  return checkDocument({ path, markdown }, places, commands).map(({ problem }) => problem);
}

describe("paths in a document", () => {
  test.each([
    "`packages/server/src/domain/pick-next.ts`",
    "`domain/pick-next.ts`",
    "`pick-next.ts`",
    "`domain/`",
    "`rpc/dispatch`",
    "`rpc/*.ts`",
    "`docs/decisions/NNNN-title.md`",
    "`~/.ml/config.toml` `/etc/fetchml/config.toml` `ml.toml` `dist/ml`",
    "`application/json` `POST /rpc` `.ts` `job.list` `127.0.0.1:9100` `@fetchml/protocol`",
    "[api](api.md) [up](../README.md#setup) [web](https://bun.com/a.md) [here](#here)",
    "```toml\ncommand = `gone/away.ts`\n```",
    "<!-- planned -->\n`deploy/fetchml.service`\n<!-- /planned -->",
  ])("%j is in order", (markdown) => {
    expect(problems(markdown)).toEqual([]);
  });

  test.each([
    ["`packages/server/src/domain/pick.ts`", "packages/server/src/domain/pick.ts"],
    ["`queue.ts`", "queue.ts"],
    ["`next.ts`", "next.ts"],
    ["`cellar/`", "cellar/"],
    ["`rpc/handlers/*.ts`", "rpc/handlers/*.ts"],
    ["`domain/gone`", "domain/gone"],
    ["| a \\| b | `../gone.md` |", "../gone.md"],
    ["[api](gone.md)", "gone.md"],
    ["[up](/README.md)", "/README.md"],
    ["[api]: ./gone.md", "./gone.md"],
    ['<img src="gone.png">', "gone.png"],
    ["<!-- planned -->\n[api](gone.md)\n<!-- /planned -->", "gone.md"],
  ])("%j does not exist", (markdown, path) => {
    expect(problems(markdown)).toEqual([expect.stringContaining(path)]);
  });

  test.each(["see pick-next.ts:12", "[x](../packages/server/src/domain/pick-next.ts#L9)"])(
    "%j names a line",
    (markdown) => {
      expect(problems(markdown)).toEqual([expect.stringContaining("names a line")]);
    },
  );
});

describe("commands in a document", () => {
  test.each([
    "`npm run build`, `npm test`, `npm ci && npm run build`",
    "`ml queue NAME`, `ml status`, `ml --help`, `ml JOB`",
    "`fetchml key issue|list USER`, `fetchml key`, `fetchml user add NAME`",
    "```sh\n$ ./dist/ml queue digits # then ml nothing\nsudo -u ml fetchml serve\n```",
    '```json\n"ml nothing"\n```',
    "<!-- planned -->\n`ml pull`\n<!-- /planned -->",
  ])("%j is in order", (markdown) => {
    expect(problems(markdown)).toEqual([]);
  });

  test.each([
    ["`npm run demo`", '"npm run demo"'],
    ["`ml pull JOB`", '"ml pull"'],
    ["`fetchml key issue|revoke`", '"fetchml key revoke"'],
    ["`fetchml users`", '"fetchml users"'],
    ["```\nnpm run demo\n```", '"npm run demo"'],
    ["```sh\ncd x && dist/ml pull 12\n```", '"ml pull"'],
    ["```console\n$ echo KEY | ml login\n```", '"ml login"'],
  ])("%j does not exist", (markdown, name) => {
    expect(problems(markdown)).toEqual([expect.stringContaining(name)]);
  });

  test("a planned section must be closed", () => {
    expect(problems("<!-- planned -->\n`ml pull`")).toEqual([
      expect.stringContaining("never closed"),
    ]);
  });

  test("a complaint names the line of the document", () => {
    const [complaint] = checkDocument({ path: "a.md", markdown: "\n`ml x`" }, places, commands);
    expect(complaint?.line).toBe(2);
  });
});
