// A WebSocket that sends frames made beforehand and counts what comes back, so that the client is not what is measured.

/** One connection. */
export interface RawSocket {
  /** Sends a call; resolves with its result. @throws Error with the server's message */
  call(method: string, params: unknown): Promise<unknown>;
  /** Sends frames with at most so many unanswered; resolves when all are answered. @throws Error when one is refused */
  pump(frames: Iterable<string>, window: number): Promise<number>;
  /** Sends a text; resolves with the text that comes back. */
  ask(text: string): Promise<string>;
  /** Called with the text of every notification. */
  onNews: (text: string) => void;
  close(): void;
}

/** Opens a connection and waits for the first frame. */
export async function openRawSocket(
  url: string,
  apiKey: string,
  { saysHello = true }: { readonly saysHello?: boolean } = {},
): Promise<RawSocket> {
  const ws = new WebSocket(url, { headers: { Authorization: `Bearer ${apiKey}` } });
  let onAnswer = ignore;
  const socket: RawSocket = {
    onNews: ignore,
    call: (method, params) =>
      new Promise((resolve, reject) => {
        onAnswer = (text) => {
          const answer: unknown = JSON.parse(text);
          if (typeof answer === "object" && answer !== null && "result" in answer) {
            resolve(answer.result);
          } else {
            reject(new Error(text));
          }
        };
        ws.send(requestText(method, params));
      }),
    ask: (text) =>
      new Promise((resolve) => {
        onAnswer = resolve;
        ws.send(text);
      }),
    pump(frames, window) {
      return new Promise((resolve, reject) => {
        const left = frames[Symbol.iterator]();
        let sent = 0;
        let answered = 0;
        const send = (): void => {
          const next = left.next();
          if (next.done === true) return;
          sent++;
          ws.send(next.value);
        };
        onAnswer = (text) => {
          answered++;
          if (text.includes('"error":{')) reject(new Error(text));
          send();
          if (answered === sent) resolve(answered);
        };
        for (let each = 0; each < window; each++) send();
        if (sent === 0) resolve(0);
      });
    },
    close: () => ws.close(),
  };
  await new Promise<void>((resolve, reject) => {
    if (!saysHello) ws.addEventListener("open", () => resolve());
    ws.addEventListener("error", () => reject(new Error(`cannot connect to ${url}`)));
    ws.addEventListener("message", ({ data }) => {
      const text = String(data);
      if (text.includes('"method":"hello"')) resolve();
      else if (text.includes('"method":"')) socket.onNews(text);
      else onAnswer(text);
    });
  });
  return socket;
}

function ignore(_text: string): void {}

/** A call as a frame. */
export function requestText(method: string, params: unknown): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}
