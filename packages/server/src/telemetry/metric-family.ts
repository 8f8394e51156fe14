// One family of metrics: what it counts or measures, and how Prometheus reads it.

/** Names and values that tell the members of a family apart, such as `{ method: "job.submit" }`. */
export type Labels = Readonly<Record<string, string>>;

/** What every kind of family can do. */
export interface MetricFamily {
  /** Its lines in the text format of Prometheus, version 0.0.4, with a line end after each. */
  text(): string;
}

/** What a family is called and what it says of itself. */
export interface FamilyName {
  /** By the conventions of Prometheus: `fetchml_`, base units, `_total` for what only grows. */
  readonly name: string;
  readonly help: string;
}

/** A number for each set of labels that only grows while the server runs. */
export class Counter implements MetricFamily {
  readonly #of: FamilyName;
  readonly #values = new Map<string, number>();

  /**
   * @param known members that are shown from the start, with 0: Prometheus takes the first number that it sees of a member as
   *   given, so that the first event of one that was not there is no increase, and rings no alarm. Default none.
   */
  constructor(of: FamilyName, known: readonly Labels[] = []) {
    this.#of = of;
    for (const labels of known) this.#values.set(labelText(labels), 0);
  }

  /** Adds one. The labels must be few: each set is kept for as long as the server runs. */
  add(labels: Labels = {}): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + 1);
  }

  text(): string {
    const lines = [...this.#values].map(([key, value]) => `${this.#of.name}${key} ${value}\n`);
    return head(this.#of, "counter") + lines.join("");
  }
}

/** What is so now, each set of labels with its number; whoever shows it has just looked. */
export class Gauge implements MetricFamily {
  readonly #of: FamilyName;
  readonly #values: readonly (readonly [Labels, number])[];

  constructor(of: FamilyName, values: number | readonly (readonly [Labels, number])[]) {
    this.#of = of;
    this.#values = typeof values === "number" ? [[{}, values]] : values;
  }

  text(): string {
    const lines = this.#values.map(
      ([labels, value]) => `${this.#of.name}${labelText(labels)} ${value}\n`,
    );
    return head(this.#of, "gauge") + lines.join("");
  }
}

interface Observed {
  readonly labels: Labels;
  /** How many fell into each bucket; the last holds what is above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** How often a measured number fell into each of a row of buckets. */
export class Histogram implements MetricFamily {
  readonly #of: FamilyName;
  readonly #bounds: readonly number[];
  readonly #observed = new Map<string, Observed>();

  /** @param bounds the buckets' upper ends, each included, ascending */
  constructor(of: FamilyName, bounds: readonly number[]) {
    this.#of = of;
    this.#bounds = bounds;
  }

  /** Takes a measured number, such as seconds. The labels must be few, as those of a {@link Counter}. */
  observe(value: number, labels: Labels = {}): void {
    this.member(labels)(value);
  }

  /** What takes the numbers of one set of labels. To find it costs more than to count, so whoever measures often keeps it. */
  member(labels: Labels): (value: number) => void {
    const key = labelText(labels);
    const known = this.#observed.get(key);
    const counts = Array.from({ length: this.#bounds.length + 1 }, () => 0);
    const observed = known ?? { labels, counts, sum: 0 };
    this.#observed.set(key, observed);
    return (value) => {
      const found = this.#bounds.findIndex((bound) => value <= bound);
      const bucket = found === -1 ? this.#bounds.length : found;
      observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1;
      observed.sum += value;
    };
  }

  text(): string {
    const members = [...this.#observed.values()].map((each) => this.#memberText(each));
    return head(this.#of, "histogram") + members.join("");
  }

  #memberText({ labels, counts, sum }: Observed): string {
    const { name } = this.#of;
    let total = 0;
    const buckets = counts.map((count, at) => {
      total += count;
      const le = String(this.#bounds[at] ?? "+Inf");
      return `${name}_bucket${labelText({ ...labels, le })} ${total}\n`;
    });
    const key = labelText(labels);
    return `${buckets.join("")}${name}_sum${key} ${sum}\n${name}_count${key} ${total}\n`;
  }
}

function head({ name, help }: FamilyName, kind: "counter" | "gauge" | "histogram"): string {
  const text = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return `# HELP ${name} ${text}\n# TYPE ${name} ${kind}\n`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
