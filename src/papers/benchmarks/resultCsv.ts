/**
 * @file Rows of results as lines of csv: the same values as in lines of JSON, to the last bit.
 *
 * A text stands as it is; lists, numbers and truth values stand as JSON writes them, whose numbers come back exactly; an
 * empty cell is what a row does not have.
 */
import { assertInput, InputError } from "../../check";
import { csvCells, csvLine } from "../../formats/csvLine";
import type { JsonObject } from "../../formats/jsonField";
import type { ObjectErrors } from "../../metrics/bopScores";
import type { PredictedObjectRow, TrueObjectRow } from "./poseRows";
import type { MatchedQuery } from "./templateResults";

/** The fields of a row, in their order: one that its type has and that is not named does not compile. */
const fieldsOf = <Row>(fields: Record<keyof Row, true>): string[] => Object.keys(fields);

/** By kind of results: what a row says beside its place and image. Of poses: "truth" or "prediction", and what of it. */
const columnsOf: Readonly<Record<string, readonly string[]>> = {
  poses: ["row", ...fieldsOf<TrueObjectRow & PredictedObjectRow>({ object: true, category: true, score: true, pose: true, size: true, handleVisible: true, symmetry: true, fitted: true, pixelBox: true, hypotheses: true, energies: true })],
  bop: fieldsOf<ObjectErrors>({ objectId: true, asked: true, visibleShares: true, detections: true, given: true, estimates: true }),
  templates: fieldsOf<MatchedQuery>({ objectId: true, visibleShare: true, direction: true, symmetric: true, matches: true, vsd: true }),
}; // biome-ignore format: a table
const texts = ["image", "row", "object", "category", "symmetry"];

/** A text that JSON must write, because it is empty, begins as JSON's do or holds the end of a line. */
const unlikeText = /^$|^"|[\r\n]/;

const cellOf = (column: string, value: unknown): string =>
  value === undefined
    ? ""
    : texts.includes(column) && typeof value === "string" && !unlikeText.test(value)
      ? value
      : JSON.stringify(value);

function valueIn(where: string, column: string, cell: string): unknown {
  if (texts.includes(column) && !cell.startsWith('"')) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    throw new InputError(`${where}, ${column}: this cell is damaged; evaluate that shard again`);
  }
}

/** How rows of a kind stand in csv. */
export interface ResultCsv {
  /** The names of the columns. */
  heading: string;
  line: (value: JsonObject) => string;
  /** @throws InputError naming `where` for another number of cells, or one that is none of ours */
  value: (where: string, line: string) => JsonObject;
}

/** @throws InputError for a kind that is not known */
export function resultCsv(where: string, kind: string): ResultCsv {
  const own = columnsOf[kind];
  assertInput(own, `${where}: results of kind "${kind}" are not written as csv; give a name that ends in .jsonl`);
  const columns = ["at", "image", ...own];
  const nested = kind === "poses";
  return {
    heading: csvLine(columns),
    line: ({ at, image, ...row }) => {
      const [what, content] = Object.entries(row)[0] ?? [];
      const flat: JsonObject = { at, image, ...(nested ? { row: what, ...(content as JsonObject) } : row) };
      const lost = Object.keys(flat).find((key) => !columns.includes(key));
      if (lost !== undefined) throw new Error(`resultCsv: rows of kind ${kind} have no column ${lost}`);
      return csvLine(columns.map((column) => cellOf(column, flat[column])));
    },
    value: (place, line) => {
      const cells = csvCells(place, line);
      assertInput(
        cells.length === columns.length,
        `${place}: ${cells.length} cells, expected ${columns.length} (${columns.join(", ")}); evaluate that shard again`,
      );
      const filled = columns.flatMap((column, i) =>
        cells[i] === "" ? [] : [[column, valueIn(place, column, cells[i])]],
      );
      const { at, image, row, ...content } = Object.fromEntries(filled) as JsonObject;
      return nested ? { at, image, [String(row)]: content } : { at, image, ...content };
    },
  };
}
