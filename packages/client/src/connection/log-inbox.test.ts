// Tests of the inbox between a connection and a reader of a log.
import { describe, expect, test } from "bun:test";
import type { Job, NotificationName, NotificationOf } from "@fetchml/protocol";
import type { Client } from "../client.ts";
import { LogInbox, type LogNews } from "./log-inbox.ts";

describe("LogInbox", () => {
  test("keeps what came before its subscription was known, and drops what belongs to others", async () => {
    const { client, say } = talk();
    const inbox = new LogInbox(client);
    say("log.data", data(1, "old"));
    say("log.end", end(1));
    say("log.data", data(2, "new"));
    inbox.adopt(2);
    say("log.data", data(1, "old"));
    say("log.end", end(2));
    expect(await all(inbox)).toEqual(["new", "end"]);
  });

  test("gives out what came before a loss, then the loss", async () => {
    const { client, say, lose } = talk();
    const inbox = new LogInbox(client);
    inbox.adopt(1);
    say("log.data", data(1, "last words"));
    await lose();
    expect(await all(inbox)).toEqual(["last words", "lost"]);
  });

  test("ends the subscription at its limit, and says so after what it has", async () => {
    const { client, say, calls } = talk();
    const inbox = new LogInbox(client, 1000);
    inbox.adopt(1);
    for (const text of ["a".repeat(500), "b".repeat(500), "dropped"])
      say("log.data", data(1, text));
    expect(await all(inbox)).toEqual(["a".repeat(500), "b".repeat(500), "overflow"]);
    inbox.close();
    expect(calls).toEqual([1]);
  });

  test("ends a subscription that is not over when it is closed, once", () => {
    const { client, calls } = talk();
    const inbox = new LogInbox(client);
    inbox.adopt(7);
    inbox.close();
    inbox.close();
    expect(calls).toEqual([7]);
  });

  test("does not end a subscription that has ended by itself", () => {
    const { client, say, calls } = talk();
    const inbox = new LogInbox(client);
    say("log.end", end(1));
    inbox.adopt(1);
    inbox.close();
    expect(calls).toEqual([]);
  });
});

/** A client whose notifications the test says itself, and the subscriptions that were ended through it. */
function talk() {
  const listeners = new Map<string, (params: never) => void>();
  const closed = Promise.withResolvers<Error | null>();
  const calls: number[] = [];
  const client = {
    on: (name: string, listener: (params: never) => void) => {
      listeners.set(name, listener);
      return () => listeners.delete(name);
    },
    call: (_: string, { subscription }: { subscription: number }) => {
      calls.push(subscription);
      return Promise.resolve({ ended: true });
    },
    closed: closed.promise,
  } as unknown as Client;
  return {
    client,
    calls,
    say: <N extends NotificationName>(name: N, params: NotificationOf<N>) =>
      listeners.get(name)?.(params as never),
    lose: async () => {
      closed.resolve(new Error("lost"));
      await closed.promise;
    },
  };
}

function data(subscription: number, text: string): NotificationOf<"log.data"> {
  const bytes = { text };
  return { subscription, job_id: 1, attempt: 1, offset: 0, next_offset: 1, bytes, complete: false };
}

function end(subscription: number): NotificationOf<"log.end"> {
  return { subscription, job: {} as Job, next_offset: 1 };
}

/** Everything that the inbox gives out, in a word each. */
async function all(inbox: LogInbox): Promise<string[]> {
  const words: string[] = [];
  for await (const news of inbox.news()) words.push(wordOf(news));
  return words;
}

function wordOf(news: LogNews): string {
  if (news.kind !== "data") return news.kind;
  return "text" in news.data.bytes ? news.data.bytes.text : "bytes";
}
