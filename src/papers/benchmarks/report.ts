/**
 * @file What a protocol finds: tables of figures, and the same as numbers.
 */

/** A table: its rows' names and one number for each column; NaN is printed as a dash. */
export interface ReportTable {
  title: string;
  columns: string[];
  /** Columns that are numbers of things: printed whole. */
  counts?: string[];
  rows: { name: string; values: number[] }[];
}

/** The figures of a protocol. */
export interface Report {
  protocol: string;
  /** What these figures are, and what they leave out, one sentence each. */
  notes: string[];
  tables: ReportTable[];
  /** AP over thresholds, where it was asked for. */
  curves?: Record<string, unknown>;
}
