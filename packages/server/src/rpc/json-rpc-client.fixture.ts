// A client that knows JSON-RPC 2.0 over a WebSocket and nothing of FetchML.
import type { RpcErrorObject } from "@fetchml/protocol";

/** A frame as it came. */
export interface AnyFrame {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: RpcErrorObject;
}

/** What a test looks into without proving its type first. */
// oxlint-disable-next-line typescript/no-explicit-any -- a generic client knows no types
type AnyRecord = Readonly<Record<string, any>>;

/** One open connection. */
export class JsonRpcClient {
  readonly #ws: WebSocket;
  readonly #pending = new Map<number, (frame: AnyFrame) => void>();
  readonly #waiting: (() => void)[] = [];
  #lastId = 0;
  /** All frames that came, in order; lists for batches. */
  readonly frames: (AnyFrame | readonly AnyFrame[])[] = [];
  /** Code and reason of the close. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;

  private constructor(ws: WebSocket) {
    this.#ws = ws;
    this.closed = new Promise((resolve) => {
      ws.addEventListener("close", ({ code, reason }) => resolve({ code, reason }));
    });
    ws.addEventListener("message", ({ data }) => this.#take(String(data)));
  }

  /** Connects; rejects when the upgrade is refused. */
  static async connect(url: string, headers: Record<string, string> = {}): Promise<JsonRpcClient> {
    const ws = new WebSocket(url, { headers });
    const client = new JsonRpcClient(ws);
    await new Promise<void>((resolve, reject) => {
      ws.addEventListener("open", () => resolve());
      ws.addEventListener("close", ({ code, reason }) => reject(new Error(`${code} ${reason}`)));
    });
    return client;
  }

  /** Calls a method; resolves with the whole response. */
  call(method: string, params?: unknown): Promise<AnyFrame> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
    return new Promise((resolve) => this.#pending.set(id, resolve));
  }

  /** Calls a method that succeeds; resolves with its result. */
  async result(method: string, params?: unknown): Promise<AnyRecord> {
    const frame = await this.call(method, params);
    if (frame.error !== undefined) throw new Error(JSON.stringify(frame.error));
    return frame.result as AnyRecord;
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#ws.send(frame);
  }

  /** The notifications of that name so far. */
  notes(method: string): readonly AnyRecord[] {
    return this.frames.flatMap((frame) =>
      "method" in frame && frame.method === method ? [frame.params ?? {}] : [],
    );
  }

  /** Waits until the frames that came are as wanted; fails after 20 seconds. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const end = Date.now() + 20_000;
    const alarm = setTimeout(() => this.#wake(), 20_000);
    while (!isSo() && Date.now() < end) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    clearTimeout(alarm);
    if (!isSo()) throw new Error(`waited in vain: ${what}`);
  }

  close(): void {
    this.#ws.close();
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as AnyFrame | readonly AnyFrame[];
    this.frames.push(frame);
    if (!Array.isArray(frame) && "id" in frame && typeof frame.id === "number") {
      this.#pending.get(frame.id)?.(frame);
      this.#pending.delete(frame.id);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
