// Tests of how paths are shown, and how they can be typed.
import { expect, test } from "bun:test";
import { shortPath, typedPath } from "./short-path.ts";

test("shortPath() shows the home folder as ~, and no other folder that begins like it", () => {
  expect(shortPath("/home/al/.ml/config.toml", "/home/al")).toBe("~/.ml/config.toml");
  expect(shortPath("/home/alice/x", "/home/al")).toBe("/home/alice/x");
  expect(shortPath("/x", "")).toBe("/x");
});

test("typedPath() means the same file to a shell, whatever is in the path", () => {
  const home = "/home/al o'neill";
  for (const path of [`${home}/.ml/config.toml`, `${home}/a b`, `${home}/$(id)`, "/x y"]) {
    const { stdout } = Bun.spawnSync(["sh", "-c", `printf %s ${typedPath(path, home)}`], {
      env: { HOME: home },
    });
    expect(stdout.toString()).toBe(path);
  }
});
