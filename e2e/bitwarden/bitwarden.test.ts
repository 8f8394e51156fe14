// The Bitwarden process with the real bw and a vault server: all scenarios side by side, for bw spends most of its time idle.
import { afterAll, beforeAll, describe } from "bun:test";
import { openBox, type Box } from "../box.ts";
import { prepareClient } from "./install-client.ts";
import { openOffice, type Office } from "./office.ts";
import { declareCreateScenarios } from "./scenarios/create.ts";
import { declareDocumentScenarios } from "./scenarios/document.ts";
import { declareFaultScenarios } from "./scenarios/fault.ts";
import { declareIssueScenarios } from "./scenarios/issue.ts";
import { declareRefuseScenarios } from "./scenarios/refuse.ts";
import { declareRotateScenarios } from "./scenarios/rotate.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { declareSecrecyScenarios } from "./scenarios/secrecy.ts";

const client = await prepareClient("setsid", "strace");
let office: Office;
let box: Box;

beforeAll(async () => {
  if (client.isReady) [office, box] = await Promise.all([openOffice(), openBox()]);
}, 60_000);

afterAll(async () => {
  if (!client.isReady) return;
  office.close();
  await box.close();
});

describe.concurrent("create_bitwarden_fetchml_item.sh", () => {
  const scenario: Scenario = (name, work) => client.declare(name, () => office.atDesk(work));
  // Those that take longest come first, so that none runs alone at the end.
  declareDocumentScenarios(scenario, () => box);
  declareSecrecyScenarios(scenario);
  declareRotateScenarios(scenario);
  declareCreateScenarios(scenario);
  declareIssueScenarios(scenario, () => box);
  declareFaultScenarios(scenario);
  declareRefuseScenarios(scenario);
});
