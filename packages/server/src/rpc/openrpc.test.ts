// The OpenRPC document is whole and follows the method table.
import { describe, expect, test } from "bun:test";
import { ERROR_CODES } from "@fetchml/protocol";
import { METHODS, NOTIFICATIONS } from "@fetchml/protocol/schemas";
import { openRpcDocument } from "./openrpc.ts";

interface Param {
  readonly name: string;
  readonly required: boolean;
  readonly schema: Record<string, unknown>;
}

const document = openRpcDocument() as {
  readonly openrpc: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly methods: readonly {
    readonly name: string;
    readonly summary: string;
    readonly params: readonly Param[];
    readonly result: { readonly schema: Record<string, unknown> };
    readonly "x-access": string;
  }[];
  readonly "x-notifications": readonly { readonly name: string }[];
  readonly components: { readonly errors: Record<string, { readonly code: number }> };
};

const method = (name: string) => document.methods.find((each) => each.name === name);
const param = (name: string, paramName: string) =>
  method(name)?.params.find((each) => each.name === paramName);

describe("openRpcDocument()", () => {
  test("is made once: whoever asks again and again costs the server nothing but sending it", () => {
    expect(openRpcDocument()).toBe(openRpcDocument());
  });

  test("says which version of OpenRPC it follows", () => {
    expect(document.openrpc).toMatch(/^1\.3\.\d$/);
  });

  test("has every method with its access, in the order of the table", () => {
    expect(document.methods.map((each) => [each.name, each["x-access"]])).toEqual(
      Object.entries(METHODS).map(([name, { access }]) => [name, access]),
    );
  });

  test("has every notification and every error", () => {
    expect(document["x-notifications"].map(({ name }) => name)).toEqual(Object.keys(NOTIFICATIONS));
    expect(Object.values(document.components.errors).map(({ code }) => code)).toEqual(
      Object.values(ERROR_CODES).map(({ rpc }) => rpc),
    );
  });

  test("tells required parameters from optional ones", () => {
    expect(param("job.submit", "name")).toMatchObject({
      required: true,
      schema: { type: "string" },
    });
    expect(param("job.list", "limit")).toMatchObject({
      required: false,
      schema: { type: "integer", minimum: 1, maximum: 1000 },
    });
    expect(param("rpc.discover", "x")).toBeUndefined();
  });

  test("lists the parameters of every form of a call, none required that one form lacks", () => {
    expect(method("job.cancel")?.params.map(({ name, required }) => [name, required])).toEqual([
      ["jobs", false],
      ["now", false],
      ["all", false],
    ]);
  });

  test("describes results", () => {
    expect(method("job.list")?.result.schema).toMatchObject({
      type: "object",
      properties: { jobs: { type: "array" } },
    });
  });

  test("is plain JSON", () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document as object);
  });
});
