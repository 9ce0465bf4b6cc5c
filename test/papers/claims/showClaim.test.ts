import { afterEach, describe, expect, test, vi } from "vitest";
import type { ClaimRow } from "../../../src/papers/claims/claimsLedger";
import { showClaim } from "../../../src/papers/claims/showClaim";

const row: ClaimRow = {
  id: "A0",
  paper: "A",
  statement: "Two is more than one",
  place: "Fig. 0",
  reported: "2 and 1",
  criterion: "2 > 1",
  command: "posediff experiment counting",
  verdict: "does not hold",
  ours: [{ what: "two", unit: "%", mean: 0.5, min: 0, max: 1, count: 2 }],
};
const told = (ledger: readonly ClaimRow[], id = "A0"): string => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  showClaim(id, ledger);
  return log.mock.calls.flat().join("\n");
};
afterEach(() => vi.restoreAllMocks());

describe("showClaim", () => {
  test("says what does not hold as plainly as what holds", () => {
    const text = told([row]);
    expect(text).toMatch(/^A0 +Fig\. 0$/m);
    expect(text).toMatch(/^claim +Two is more than one$/m);
    expect(text).toMatch(/^decided by +2 > 1$/m);
    expect(text).toMatch(/^verdict +does not hold$/m);
    expect(text).toContain("the paper: 2 and 1");
  });

  test("says why a claim is not tested, and what would test it", () => {
    const untested: ClaimRow = { ...row, verdict: "not tested", reason: "never measured", ours: [] };
    expect(told([untested])).toMatch(/^verdict +not tested: never measured \(posediff experiment counting\)$/m);
  });

  test("knows every claim of the ledger and refuses others", () => {
    expect(() => told([row], "A99")).toThrow("showClaim: there is no claim A99; choose one of A0");
  });
});
