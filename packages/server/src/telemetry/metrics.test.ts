// What a server that has done nothing yet tells, which alarms need to notice the first event.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Metrics } from "./metrics.ts";

const ALERTS = join(import.meta.dir, "../../../../deploy/prometheus/alerts.yml");

test("every counter that an alarm looks at is there, with 0, before anything was counted", () => {
  const text = new Metrics().text();
  const asked = [
    ...readFileSync(ALERTS, "utf8").matchAll(/(fetchml_\w+_total)(?:\{(\w+)=~"(.*?)"\})?(?=\[)/g),
  ];
  expect(asked.length).toBeGreaterThan(2);
  for (const [, name = "", label, values = ""] of asked) {
    const members = values
      .split("|")
      .map((value) => (label === undefined ? "" : `{${label}="${value}"}`));
    for (const member of members) expect(text).toContain(`\n${name}${member} 0\n`);
  }
});

test("an attempt that ended is added to what was shown as 0", () => {
  const metrics = new Metrics();
  metrics.attemptEnded("lost");
  metrics.attemptStarted(5);
  expect(metrics.text()).toContain('\nfetchml_attempts_ended_total{outcome="lost"} 1\n');
  expect(metrics.text()).toContain("\nfetchml_attempts_started_total 1\n");
});
