/** Writes OpenEXR files of float channels, without compression or with ZIP. */
import { deflateSync } from "node:zlib";

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};
const name = (text: string): Buffer => Buffer.from(`${text}\0`, "latin1");
const attribute = (key: string, type: string, value: Buffer): Buffer =>
  Buffer.concat([name(key), name(type), int(value.length), value]);

/** ZIP: even bytes before odd ones, differences + 128, deflated. */
function packed(plain: Buffer): Buffer {
  const half = Math.ceil(plain.length / 2);
  const split = Buffer.alloc(plain.length);
  for (let i = 0; i < plain.length; i++) split[i % 2 === 0 ? i / 2 : half + (i - 1) / 2] = plain[i];
  const differences = Buffer.from(split);
  for (let i = plain.length - 1; i > 0; i--) differences[i] = split[i] - split[i - 1] + 128;
  const deflated = deflateSync(differences);
  return deflated.length < plain.length ? deflated : plain;
}

export function writtenExr(
  width: number,
  height: number,
  channels: Record<string, ArrayLike<number>>,
  compression: "none" | "ZIP" = "none",
): Buffer {
  const names = Object.keys(channels).sort();
  const list = names.map((key) => Buffer.concat([name(key), int(2), int(0), int(1), int(1)]));
  const lines = compression === "ZIP" ? 16 : 1;
  const header = Buffer.concat([
    int(0x01312f76),
    int(2),
    attribute("channels", "chlist", Buffer.concat([...list, Buffer.from([0])])),
    attribute("compression", "compression", Buffer.from([compression === "ZIP" ? 3 : 0])),
    attribute("dataWindow", "box2i", Buffer.concat([int(0), int(0), int(width - 1), int(height - 1)])),
    attribute("lineOrder", "lineOrder", Buffer.from([0])),
    Buffer.from([0]),
  ]);
  const blocks: Buffer[] = [];
  for (let top = 0; top < height; top += lines) {
    const rows: Buffer[] = [];
    for (let y = top; y < Math.min(height, top + lines); y++)
      for (const key of names) {
        const row = Buffer.alloc(4 * width);
        for (let x = 0; x < width; x++) row.writeFloatLE(channels[key][y * width + x], 4 * x);
        rows.push(row);
      }
    const plain = Buffer.concat(rows);
    const data = compression === "ZIP" ? packed(plain) : plain;
    blocks.push(Buffer.concat([int(top), int(data.length), data]));
  }
  const table = Buffer.alloc(8 * blocks.length);
  let at = header.length + table.length;
  blocks.forEach((block, i) => {
    table.writeBigUInt64LE(BigInt(at), 8 * i);
    at += block.length;
  });
  return Buffer.concat([header, table, ...blocks]);
}
