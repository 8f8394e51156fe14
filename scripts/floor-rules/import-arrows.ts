// Finds imports that the table of floors does not allow.

import { isTestFile, openToTests, outbuildings, packages, rooms, serverDoor } from "../floors.ts";
import type { Zone } from "../floors.ts";
import type { Complaint } from "../complaint.ts";
import type { ImportArrow, SourceFile } from "./source-file.ts";

/** Every arrow of one file that is not in the table, by package, by room, and from shipped code to tests. */
export function findBadArrows(file: SourceFile): readonly Complaint[] {
  return [
    ...roomlessFile(file.path),
    ...file.imports.flatMap((arrow) => {
      const complaint = judge(file.path, arrow);
      return complaint === undefined ? [] : [{ path: file.path, ...complaint }];
    }),
  ];
}

type Judgement = Omit<Complaint, "path">;

function judge(from: string, { specifier, target }: ImportArrow): Judgement | undefined {
  if (target !== undefined) return judgeRelative(from, target, specifier);
  const [scope, name, ...rest] = specifier.split("/");
  return scope === "@fetchml" && name !== undefined ? judgePackage(from, name, rest) : undefined;
}

function judgePackage(from: string, name: string, rest: readonly string[]): Judgement | undefined {
  const zone = zoneOf(from);
  const door = [name, ...rest].join("/");
  const doors = packages.find((each) => each.name === name)?.doors ?? [];
  if (rest.length > 0 && !doors.includes(rest.join("/"))) {
    return {
      rule: "package-door",
      problem: `reaches past the door of @fetchml/${name}`,
      remedy: `Export what you need from packages/${name}/src/index.ts and import "@fetchml/${name}"`,
    };
  }
  if (zone?.name === name) {
    return {
      rule: "package-door",
      problem: `imports its own package by name`,
      remedy: "Import the file itself by a relative path",
    };
  }
  return zone === undefined || zone.imports.includes(door) ? undefined : badZone(zone, door);
}

function judgeRelative(from: string, target: string, specifier: string): Judgement | undefined {
  const [zone, targetZone] = [zoneOf(from), zoneOf(target)];
  if (!/\.\w+$/.test(target)) {
    return {
      rule: "file-ending",
      problem: `imports "${specifier}" without its ending`,
      remedy: "Write the file's full name, such as ./pick-next.ts",
    };
  }
  if (!isTestFile(from) && isTestFile(target) && zone !== undefined && packages.includes(zone)) {
    return {
      rule: "test-code",
      problem: `ships, but imports the test file ${target}`,
      remedy: "Move what it needs into a file that ships",
    };
  }
  if (zone === undefined || targetZone === undefined) return undefined;
  if (zone === targetZone) return zone.name === "server" ? judgeRooms(from, target) : undefined;
  if (isTestFile(from) && openToTests.includes(target)) return undefined;
  if (!zone.imports.includes(targetZone.name)) return badZone(zone, targetZone.name);
  // The project's own tools may read any file of a package; everyone else comes in by the door.
  if (zone.name === "scripts" || !packages.includes(targetZone)) return undefined;
  return {
    rule: "package-door",
    problem: `imports ${target} by its path`,
    remedy: `Import "@fetchml/${targetZone.name}"`,
  };
}

function badZone({ name, imports }: Zone, target: string): Judgement {
  const allowed = imports.length === 0 ? "nothing" : imports.join(", ");
  return {
    rule: "package-arrow",
    problem: `${name} imports ${target}, but may import ${allowed}`,
    remedy: "Move the code, or change the house in scripts/floors.ts and ARCHITECTURE.md",
  };
}

function judgeRooms(from: string, target: string): Judgement | undefined {
  const [fromRoom, toRoom] = [roomName(from), roomName(target)];
  // A file that lies in no room has its own complaint.
  if (fromRoom === toRoom || toRoom === undefined) return undefined;
  const allowed = fromRoom === undefined ? serverDoor.imports : allowedRooms(fromRoom, from);
  if (allowed.includes(toRoom)) return undefined;
  return {
    rule: "room-arrow",
    problem: `${fromRoom ?? "the server's door"} imports ${toRoom}, but may import ${allowed.join(", ") || "nothing"}`,
    remedy: "Have what you need handed in as a function, or move the code to the room that may",
  };
}

/** Tests may also use every room that is not above them: they build what their room is handed in real life. */
function allowedRooms(name: string, from: string): readonly string[] {
  const room = rooms.find((candidate) => candidate.name === name);
  if (room === undefined) return [];
  if (!isTestFile(from)) return room.imports;
  return rooms.filter(({ floor }) => floor <= room.floor).map((other) => other.name);
}

function roomlessFile(path: string): readonly Complaint[] {
  if (!path.startsWith(serverSource)) return [];
  const [first = "", ...rest] = path.slice(serverSource.length).split("/");
  const isKnown =
    rest.length > 0
      ? rooms.some(({ name }) => name === first)
      : serverDoor.files.some((file) => file === first);
  if (isKnown) return [];
  return [
    {
      path,
      rule: "room",
      problem: "lies in no room of the server",
      remedy: `Move it into one of ${rooms.map(({ name }) => name).join(", ")}`,
    },
  ];
}

const serverSource = "packages/server/src/";

function roomName(path: string): string | undefined {
  const [first, ...rest] = path.slice(serverSource.length).split("/");
  return rest.length > 0 ? first : undefined;
}

function zoneOf(path: string): Zone | undefined {
  const [first, second] = path.split("/");
  return first === "packages"
    ? packages.find(({ name }) => name === second)
    : outbuildings.find(({ name }) => name === first);
}
