import { expect, test } from "vitest";
import { reportText } from "../../src/cli/printReport";
import { textTable } from "../../src/cli/textTable";

test("columns are as wide as what they hold, at least nine", () => {
  const table = textTable("%", ["a", "a long heading"], [{ name: "first", cells: ["1.0", "2.0"] }]);
  expect(table.split("\n")).toEqual(["%             a  a long heading", "first       1.0             2.0"]);
});

test("a report is its tables and notes; what is no number is a dash, counts have no decimals", () => {
  const text = reportText({
    protocol: "x",
    notes: ["one", "two"],
    tables: [{ title: "T", columns: ["AP", "n"], counts: ["n"], rows: [{ name: "all", values: [Number.NaN, 3] }] }],
  });
  expect(text).toBe("T          AP        n\nall         –        3\n- one\n- two");
});
