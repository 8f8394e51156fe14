// The text format of Prometheus, member by member.
import { expect, test } from "bun:test";
import { Counter, Gauge, Histogram } from "./metric-family.ts";

test("a counter adds up for each set of labels", () => {
  const counter = new Counter({ name: "ends_total", help: "Ends." });
  counter.add({ outcome: "lost" });
  counter.add({ outcome: "lost" });
  counter.add({ outcome: "exited" });
  expect(counter.text()).toBe(
    '# HELP ends_total Ends.\n# TYPE ends_total counter\nends_total{outcome="lost"} 2\nends_total{outcome="exited"} 1\n',
  );
});

test("a counter shows the members that it was told of before they count anything", () => {
  const counter = new Counter({ name: "ends_total", help: "Ends." }, [{ outcome: "lost" }]);
  expect(counter.text()).toEndWith('\nends_total{outcome="lost"} 0\n');
  counter.add({ outcome: "lost" });
  expect(counter.text()).toEndWith('\nends_total{outcome="lost"} 1\n');
  expect(new Counter({ name: "n", help: "N." }, [{}]).text()).toEndWith("\nn 0\n");
});

test("a gauge without labels has one number", () => {
  expect(new Gauge({ name: "open", help: "Open." }, 3).text()).toBe(
    "# HELP open Open.\n# TYPE open gauge\nopen 3\n",
  );
});

test("a histogram counts each number into its own bucket and all above it", () => {
  const times = new Histogram({ name: "s", help: "S." }, [1, 2]);
  for (const value of [0.5, 1, 1.5, 2, 99]) times.observe(value, { method: "a" });
  expect(times.text().split("\n").slice(2, -1)).toEqual([
    's_bucket{method="a",le="1"} 2',
    's_bucket{method="a",le="2"} 4',
    's_bucket{method="a",le="+Inf"} 5',
    's_sum{method="a"} 104',
    's_count{method="a"} 5',
  ]);
});

test("a hostile label or help text stays on its line and in its quotes", () => {
  const text = new Gauge({ name: "g", help: "a\\b\nc" }, [[{ l: 'x"\n} 1\\' }, 1]]).text();
  expect(text).toBe('# HELP g a\\\\b\\nc\n# TYPE g gauge\ng{l="x\\"\\n} 1\\\\"} 1\n');
});
