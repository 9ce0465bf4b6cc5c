/**
 * @file Thousands of templates as bytes, and the search of one query among them: `templateSimilarity` of every template,
 * in a fraction of a second.
 */
import { assertInput, assertShape } from "../check";
import { roundUp } from "./simd/affineKernel";
import { cellStep, channelStep, maskedCosineKernel } from "./simd/maskedCosineKernel";

/** Feature maps of templates as signed bytes (or, to measure what that costs, as they are), only where the masks are; cells of a template lie one after the other. */
export interface TemplateCodes {
  /** Side of the maps. */
  grid: number;
  /** A multiple of 16; those beyond the features' are 0. */
  channels: number;
  /** Where each template ends, in cells; multiples of 4. */
  ends: Uint32Array;
  /** Cells of each template's mask before padding. */
  counts: Uint32Array;
  /** Which cell of the map; padding names cell 0. */
  cells: Uint16Array;
  /** Cells × channels. */
  codes: Int8Array | Float32Array;
  /** 1/‖code‖; 0 for padding and for features of norm 0. */
  inverse: Float32Array;
}

/** The first of a template's cells in `cells`, and the one after its last. */
export function templateCells({ ends, counts }: Pick<TemplateCodes, "ends" | "counts">, t: number): [number, number] {
  const start = t === 0 ? 0 : ends[t - 1];
  return [start, start + counts[t]];
}

/** Round a feature to −127 … 127; returns 1/‖·‖ of what was written. The scale cancels in the cosine. */
function encodeFeature(
  feature: ArrayLike<number>,
  from: number,
  channels: number,
  codes: Int8Array | Int16Array | Float32Array,
  to: number,
): number {
  const whole = !(codes instanceof Float32Array);
  let largest = 0;
  for (let c = 0; c < channels; c++) largest = Math.max(largest, Math.abs(feature[from + c]));
  if (!(largest > 0)) return 0;
  let square = 0;
  for (let c = 0; c < channels; c++) {
    const code = whole ? Math.round((127 * feature[from + c]) / largest) : feature[from + c];
    codes[to + c] = code;
    square += code * code;
  }
  return 1 / Math.sqrt(square);
}

/**
 * Feature maps and masks as bytes.
 *
 * @param maps T × grid × grid × channels
 * @param masks T × grid × grid; the template is where it is not 0
 * @throws InputError if the sizes differ
 */
export function encodeTemplates(
  maps: ArrayLike<number>,
  masks: Uint8Array,
  { grid, channels, precision = "bytes" }: { grid: number; channels: number; precision?: "bytes" | "float" },
): TemplateCodes {
  const area = grid * grid;
  assertInput(
    area > 0 && area <= 65_536 && masks.length % area === 0,
    `encodeTemplates: ${masks.length} cells of masks are no whole number of ${grid} × ${grid} maps; give a mask for each template`,
  );
  const count = masks.length / area;
  assertShape("encodeTemplates maps", maps, [count, grid, grid, channels]);
  const width = roundUp(channels, channelStep);
  const counts = new Uint32Array(count);
  for (let i = 0; i < masks.length; i++) if (masks[i]) counts[Math.floor(i / area)]++;
  const ends = new Uint32Array(count);
  let total = 0;
  for (let t = 0; t < count; t++) {
    total += roundUp(counts[t], cellStep);
    ends[t] = total;
  }
  const cells = new Uint16Array(total);
  const codes = precision === "bytes" ? new Int8Array(total * width) : new Float32Array(total * width);
  const inverse = new Float32Array(total);
  for (let t = 0; t < count; t++) {
    let [next] = templateCells({ ends, counts }, t);
    for (let cell = 0; cell < area; cell++) {
      if (!masks[t * area + cell]) continue;
      cells[next] = cell;
      inverse[next] = encodeFeature(maps, (t * area + cell) * channels, channels, codes, next * width);
      next++;
    }
  }
  return { grid, channels: width, ends, counts, cells, codes, inverse };
}

/** Several sets of templates as one. @throws InputError if grid, channels or precision differ */
export function joinTemplates(parts: readonly TemplateCodes[]): TemplateCodes {
  assertInput(parts.length > 0, "joinTemplates: there is nothing to join; give at least one set");
  const [{ grid, channels, codes: first }] = parts;
  assertInput(
    parts.every(
      (part) => part.grid === grid && part.channels === channels && part.codes.constructor === first.constructor,
    ),
    "joinTemplates: the sets have maps of different sizes or precision; build them by the same backbone and settings",
  );
  const cellCount = parts.reduce((sum, part) => sum + part.cells.length, 0);
  const joined: TemplateCodes = {
    grid,
    channels,
    ends: new Uint32Array(parts.reduce((sum, part) => sum + part.ends.length, 0)),
    counts: new Uint32Array(parts.reduce((sum, part) => sum + part.ends.length, 0)),
    cells: new Uint16Array(cellCount),
    codes: first instanceof Int8Array ? new Int8Array(cellCount * channels) : new Float32Array(cellCount * channels),
    inverse: new Float32Array(cellCount),
  };
  let [template, cell] = [0, 0];
  for (const part of parts) {
    joined.ends.set(
      part.ends.map((end) => end + cell),
      template,
    );
    joined.counts.set(part.counts, template);
    joined.cells.set(part.cells, cell);
    joined.codes.set(part.codes, cell * channels);
    joined.inverse.set(part.inverse, cell);
    template += part.ends.length;
    cell += part.cells.length;
  }
  return joined;
}

/** A searchable set of templates. */
export interface TemplateIndex {
  count: number;
  /** Bytes that a search reads of the templates. */
  bytes: number;
  /**
   * `templateSimilarity` of a query with every template, to within the rounding to bytes.
   *
   * @param query grid × grid × channels of the features
   * @returns one similarity a template
   * @throws InputError if the query has another size
   */
  search: (query: ArrayLike<number>, options?: { threshold?: number }) => Float32Array;
}

const pageBytes = 65_536;

/** The search in plain numbers. */
function plainSearch(templates: TemplateCodes): TemplateIndex["search"] {
  const { grid, channels, counts, cells, codes, inverse } = templates;
  const area = grid * grid;
  return (features, { threshold = 0.2 } = {}) => {
    const given = assertQuery(features, templates);
    const query = new Float32Array(area * channels);
    const queryInverse = new Float32Array(area);
    for (let cell = 0; cell < area; cell++)
      queryInverse[cell] = encodeFeature(features, cell * given, given, query, cell * channels);
    return Float32Array.from(counts, (count, t) => {
      const [start, end] = templateCells(templates, t);
      let sum = 0;
      for (let i = start; i < end; i++) {
        let product = 0;
        const [a, b] = [cells[i] * channels, i * channels];
        for (let c = 0; c < given; c++) product += query[a + c] * codes[b + c];
        const cosine = product * queryInverse[cells[i]] * inverse[i];
        if (cosine > threshold) sum += cosine;
      }
      return count === 0 ? 0 : sum / count;
    });
  };
}

/** A query must be of the templates' size. @throws InputError if not */
function assertQuery(features: ArrayLike<number>, { grid, channels }: TemplateCodes): number {
  const given = features.length / (grid * grid);
  assertInput(
    Number.isInteger(given) && roundUp(given, channelStep) === channels,
    `templateIndex: a query of ${features.length} numbers is no ${grid} × ${grid} map of the templates' channels (at most ${channels}); use the backbone of the templates`,
  );
  return given;
}

/**
 * Put templates into a WebAssembly memory, at most 2 GiB. Templates that are no bytes are searched in plain numbers, ten
 * times slower.
 *
 * @throws InputError if they do not fit
 */
export function templateIndex(templates: TemplateCodes): TemplateIndex {
  const { grid, channels, ends, counts, cells, codes, inverse } = templates;
  const area = grid * grid;
  const bytes = codes.byteLength + inverse.byteLength + cells.byteLength;
  if (codes instanceof Float32Array) return { count: ends.length, bytes, search: plainSearch(templates) };
  let size = 64;
  const place = (bytes: number): number => {
    const at = size;
    size = roundUp(size + bytes, 64);
    return at;
  };
  const at = {
    threshold: 0,
    query: place(2 * area * channels),
    queryInverse: place(4 * area),
    codes: place(codes.length),
    inverse: place(4 * inverse.length),
    cells: place(2 * cells.length),
    ends: place(4 * ends.length),
    sums: place(16 * ends.length),
  };
  assertInput(
    size < 2 ** 31,
    `templateIndex: the templates take ${(size / 2 ** 30).toFixed(1)} GiB, at most 2 fit; use fewer views or layers of fewer channels`,
  );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / pageBytes) });
  const { buffer } = memory;
  new Int8Array(buffer, at.codes, codes.length).set(codes);
  new Float32Array(buffer, at.inverse, inverse.length).set(inverse);
  new Uint16Array(buffer, at.cells, cells.length).set(cells);
  new Uint32Array(buffer, at.ends, ends.length).set(ends);
  const [query, queryInverse] = [
    new Int16Array(buffer, at.query, area * channels),
    new Float32Array(buffer, at.queryInverse, area),
  ];
  const [limit, sums] = [new Float32Array(buffer, at.threshold, 1), new Float32Array(buffer, at.sums, 4 * ends.length)];
  const kernel = maskedCosineKernel(memory);
  return {
    count: ends.length,
    bytes,
    search: (features, { threshold = 0.2 } = {}) => {
      const given = assertQuery(features, templates);
      query.fill(0);
      for (let cell = 0; cell < area; cell++)
        queryInverse[cell] = encodeFeature(features, cell * given, given, query, cell * channels);
      limit[0] = threshold;
      kernel(
        at.query,
        at.queryInverse,
        at.codes,
        at.inverse,
        at.cells,
        at.ends,
        ends.length,
        channels,
        at.threshold,
        at.sums,
      );
      return Float32Array.from(counts, (count, t) =>
        count === 0 ? 0 : (sums[4 * t] + sums[4 * t + 1] + sums[4 * t + 2] + sums[4 * t + 3]) / count,
      );
    },
  };
}
