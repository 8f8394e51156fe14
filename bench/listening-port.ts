// Reads from the log of a server that starts on which port it listens.

/** The port, as soon as it is told; what the server says later is read and dropped. @throws Error when the log ends before */
export async function portIn(stdout: ReadableStream<Uint8Array>): Promise<number> {
  let log = "";
  const decoder = new TextDecoder();
  const reader = stdout.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the server did not start: ${log}`);
    log += decoder.decode(value, { stream: true });
    const port = /"url":"ws:\/\/127\.0\.0\.1:(\d+)\/ws"/.exec(log)?.[1];
    if (port === undefined) continue;
    // The rest is read, so that the server never waits for a reader.
    void (async () => {
      while (!(await reader.read()).done);
    })();
    return Number(port);
  }
}
