/** Writes pickles (protocol 2) of dicts, lists, numbers, texts and numpy arrays, as numpy 1 writes them. */

export interface WrittenArray {
  /** "f8", "i4", "u1", "b1". */
  dtype: "f8" | "i4" | "u1" | "b1";
  shape: number[];
  values: ArrayLike<number>;
}
export type Writable = number | string | WrittenArray | Writable[] | { [key: string]: Writable };

const u32 = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(n);
  return bytes;
};
const code = (text: string): Buffer => Buffer.from(text, "latin1");
const integer = (n: number): Buffer => Buffer.concat([code("J"), u32(n >>> 0)]);
const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([code("X"), u32(bytes.length), bytes]);
};
const tuple = (...items: Buffer[]): Buffer => Buffer.concat([code("("), ...items, code("t")]);

function array({ dtype, shape, values }: WrittenArray): Buffer {
  const size = Number(dtype[1]);
  const bytes = Buffer.alloc(values.length * size);
  for (let i = 0; i < values.length; i++)
    if (dtype === "f8") bytes.writeDoubleLE(values[i], 8 * i);
    else if (dtype === "i4") bytes.writeInt32LE(values[i], 4 * i);
    else bytes[i] = values[i];
  const order = size === 1 ? "|" : "<";
  return Buffer.concat([
    code("cnumpy.core.multiarray\n_reconstruct\n"),
    tuple(code("cnumpy\nndarray\n"), tuple(integer(0)), Buffer.concat([code("U"), Buffer.from([1]), code("b")])),
    code("R"),
    tuple(
      integer(1),
      tuple(...shape.map(integer)),
      Buffer.concat([
        code("cnumpy\ndtype\n"),
        tuple(text(dtype), code("\x89"), code("\x88")),
        code("R"),
        tuple(integer(3), text(order), code("N"), code("N"), code("N"), integer(-1), integer(-1), integer(0)),
        code("b"),
      ]),
      code("\x89"),
      Buffer.concat([code("T"), u32(bytes.length), bytes]),
    ),
    code("b"),
  ]);
}

function encode(value: Writable): Buffer {
  if (typeof value === "number") {
    if (Number.isInteger(value)) return integer(value);
    const bytes = Buffer.alloc(9, "G");
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return Buffer.concat([code("]("), ...value.map(encode), code("e")]);
  if ("dtype" in value && "shape" in value) return array(value as WrittenArray);
  const items = Object.entries(value as Record<string, Writable>).flatMap(([key, item]) => [text(key), encode(item)]);
  return Buffer.concat([code("}("), ...items, code("u")]);
}

export const writtenPickle = (value: Writable): Buffer => Buffer.concat([code("\x80\x02"), encode(value), code(".")]);
