import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { InputError } from "../../../src/check";
import { claims as printClaims } from "../../../src/cli/claims";
import type { Claim } from "../../../src/papers/claims/claim";
import { claims } from "../../../src/papers/claims/claims";
import { type ClaimRow, claimsLedger } from "../../../src/papers/claims/claimsLedger";
import { dataVersionOf, modelsRead } from "../../../src/papers/experiments/experiment";
import { experiments } from "../../../src/papers/experiments/experiments";
import { madeUp } from "./madeUpResults";

const folder = mkdtempSync(join(tmpdir(), "posediff-claims-"));
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Store a result of the claim's experiment, or of another: the parts that decide. */
function store(
  { experiment, decisive }: Pick<Claim, "experiment" | "decisive">,
  part: (name: string) => unknown,
  more: object = {},
): void {
  const { name, parts } = experiment;
  const made = Object.fromEntries((decisive ?? parts().map((p) => p.name)).map((own) => [own, part(own)]));
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify({
      experiment: name,
      dataVersion: dataVersionOf(experiment),
      models: modelsRead(experiment),
      parts: made,
      ...more,
    }),
  );
}

const rowOf = (id: string): ClaimRow => claimsLedger({ paper: id[0], folder }).find((row) => row.id === id)!;
const named = claims.map((claim) => [claim.id, claim] as const);

test("all claims, fifteen of paper A, nine of B and eight of C, each with its place, its threshold and a known experiment", () => {
  const numbered = (paper: string, length: number) => Array.from({ length }, (_, i) => `${paper}${i + 1}`);
  expect(claims.map(({ id }) => id)).toEqual([...numbered("A", 15), ...numbered("B", 9), ...numbered("C", 8)]);
  for (const { statement, place, reported, criterion, experiment } of claims) {
    for (const text of [statement, place, reported, criterion]) expect(text.length).toBeGreaterThan(4);
    expect(`${statement}${reported}${criterion}`).not.toMatch(/undefined|NaN/);
    expect(experiments).toContain(experiment);
    expect(experiment.question.length).toBeGreaterThan(40);
  }
});

describe.each(named)("%s", (id, claim) => {
  test.each([
    [true, "holds"],
    [false, "does not hold"],
  ])("numbers for which it is %s come out as: %s", (holds, verdict) => {
    store(claim, (part) => madeUp[id]!(part, holds));
    const row = rowOf(id);
    expect(row).toMatchObject({ verdict, command: `posediff experiment ${claim.experiment.name}` });
    expect(row.reason).toBeUndefined();
    expect(row.ours.length).toBeGreaterThan(0);
    for (const { mean, min, max, count } of row.ours) {
      expect(min).toBeLessThanOrEqual(mean);
      expect(mean).toBeLessThanOrEqual(max);
      expect(count).toBeGreaterThan(0);
    }
  });

  test("without a result, with a part missing or of other data it is not tested, and says why", () => {
    expect(rowOf(id)).toMatchObject({ verdict: "not tested", reason: "never measured", ours: [] });
    store(claim, (part) => madeUp[id]!(part, true), { dataVersion: dataVersionOf(claim.experiment) - 1 });
    expect(rowOf(id).verdict).toBe("not tested");
    expect(rowOf(id).reason).toMatch(/measured on version \d+ of the embedded data, which is now \d+/);
    const [{ name: first }] = claim.experiment.parts();
    store(claim, () => ({}), {
      parts: claim.decisive?.includes(first) ? {} : { [first]: madeUp[id]!(first, true) },
    });
    expect(rowOf(id)).toMatchObject({ verdict: "not tested", ours: [] });
    expect(rowOf(id).reason).toMatch(/^\d+ of \d+ parts are not measured yet/);
  });

  test("a part of another shape is one sentence, not a verdict", () => {
    store(claim, () => ({}));
    expect(() => rowOf(id)).toThrow(InputError);
    expect(() => rowOf(id)).toThrow(
      /does not hold what [ABC]\d+ reads .*; delete it and run `posediff experiment \w+` again/,
    );
  });
});

test("a damaged file and an unknown paper are one sentence", () => {
  writeFileSync(join(folder, `${claims[3]!.experiment.name}.json`), "{");
  expect(() => claimsLedger({ folder })).toThrow(/detectedFrames\.json is damaged; delete it/);
  expect(() => claimsLedger({ paper: "Q", folder })).toThrow('there is no ledger of paper "Q"; choose A');
});

test("where a rule is asked elsewhere too, that is told and changes no verdict", () => {
  const a5 = claims.find((claim) => claim.id === "A5")!;
  store(a5, (part) => madeUp.A5!(part, true));
  expect(rowOf("A5")).toMatchObject({ verdict: "holds" });
  expect(rowOf("A5").also).toBeUndefined();
  store({ ...a5, experiment: a5.also!.experiment }, (part) => madeUp.A5!(part, false));
  const { verdict, also } = rowOf("A5");
  expect([verdict, also?.verdict]).toEqual(["holds", "does not hold"]);
  expect(rowOf("A5").command).toBe("posediff experiment detectedFrames");
  expect(also?.where).toBe("on frames drawn like those of training");
  expect(also?.command).toBe("posediff experiment singleHypothesis");
  expect(also?.ours.map(({ what }) => what)).toEqual(rowOf("A5").ours.map(({ what }) => what));
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  try {
    printClaims({ paper: "A", results: folder });
  } finally {
    log.mockRestore();
  }
  expect(printed.join("\n")).toMatch(/drawn like those of training: does not hold; guided 5°2cm 50\.0 %/);
});

test("the table has a row per claim and the count of the verdicts; --json is the rows", () => {
  const [a4, a10] = ["A4", "A10"].map((id) => claims.find((claim) => claim.id === id)!);
  store(a4!, (part) => madeUp.A4!(part, true));
  store(a10!, (part) => madeUp.A10!(part, false));
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.push(text));
  try {
    printClaims({ paper: "A", results: folder });
    printClaims({ results: folder, json: true });
  } finally {
    log.mockRestore();
  }
  const table = printed.slice(0, -1).join("\n");
  expect(table).toMatch(/^A4 .* holds$/m);
  expect(table).toMatch(/^A10 .* does not hold$/m);
  expect(table).toContain("1 of 15 hold, 1 do not, 13 not tested");
  expect(table).toContain("guided, 500 steps 70.0 % (69.5–70.5)");
  expect(Math.max(...table.split("\n").map((line) => line.length))).toBeLessThanOrEqual(141);
  expect(JSON.parse(printed.at(-1)!)).toEqual(JSON.parse(JSON.stringify(claimsLedger({ folder }))));
});
