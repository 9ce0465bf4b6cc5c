/**
 * @file OpenEXR images (openexr.com, "OpenEXR File Layout"): single-part scan lines, uncompressed or by RLE, ZIPS, ZIP,
 * PIZ or PXR24; half, float and uint channels.
 */
import { assertInput } from "../check";
import { type BlockShape, type ExrPixelType, unpackExrBlock } from "./exrBlocks";
import { halfToNumber } from "./float16";
import { readBytes } from "./readBytes";

/** An image of named channels ("R", "G", "B", "Y", "Z"), each height × width, row-major. */
export interface ExrImage {
  width: number;
  height: number;
  channels: Map<string, Float32Array>;
}

interface Channel {
  name: string;
  type: ExrPixelType;
}

interface Header {
  channels: Channel[];
  compression: number;
  width: number;
  height: number;
  /** First row of the data window. */
  top: number;
  /** Where the table of offsets begins. */
  end: number;
}

const magic = 0x01312f76;
/** Bits of the version field that name forms which are not read. */
const otherForms: readonly (readonly [bit: number, name: string])[] = [
  [0x200, "tiles"],
  [0x800, "deep data"],
  [0x1000, "several parts"],
];
const maxPixels = 100_000_000;
/** No compression of the format shrinks further; a larger claim is a lie. */
const largestRatio = 2048;

const compressions = ["none", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB"];
/** Scan lines in a block; undefined where a compression is not read. */
const linesPerBlock: readonly (number | undefined)[] = [1, 1, 1, 16, 32, 16];

const pixelTypes: readonly ExrPixelType[] = ["uint", "half", "float"];
const bytesOf: Readonly<Record<ExrPixelType, number>> = { uint: 4, half: 2, float: 4 };

const ended = (where: string): string => `${where}: the EXR is truncated; copy the file again`;

/** A name that ends with NUL. */
function readName(bytes: Uint8Array, at: number, where: string): { name: string; next: number } {
  const end = bytes.indexOf(0, at);
  assertInput(end >= 0 && end - at <= 255, ended(where));
  return { name: Buffer.from(bytes.subarray(at, end)).toString("latin1"), next: end + 1 };
}

function readChannels(bytes: Uint8Array, view: DataView, from: number, to: number, where: string): Channel[] {
  const channels: Channel[] = [];
  for (let at = from; at < to && bytes[at] !== 0; ) {
    const { name, next } = readName(bytes, at, where);
    assertInput(next + 16 <= to, `${where}: the list of channels is damaged; copy the file again`);
    const type = pixelTypes[view.getInt32(next, true)];
    const sampling = [view.getInt32(next + 8, true), view.getInt32(next + 12, true)];
    assertInput(type, `${where}: channel ${name} has an unknown type of numbers; save it as half or float`);
    assertInput(
      sampling.join() === "1,1",
      `${where}: channel ${name} is sampled by ${sampling.join(" × ")}; save it with a number for every pixel`,
    );
    channels.push({ name, type });
    at = next + 16;
  }
  assertInput(channels.length > 0, `${where}: the EXR has no channel; save the image again`);
  return channels;
}

function readHeader(bytes: Uint8Array, view: DataView, where: string): Header {
  assertInput(bytes.length > 0, `${where}: the file is empty; copy it again`);
  assertInput(
    bytes.length >= 8 && view.getUint32(0, true) === magic,
    `${where}: this is not an OpenEXR file; take the original .exr`,
  );
  const version = view.getUint32(4, true);
  assertInput((version & 0xff) === 2, `${where}: EXR version ${version & 0xff} is not known; save it as version 2`);
  for (const [bit, name] of otherForms)
    assertInput(
      (version & bit) === 0,
      `${where}: the EXR holds ${name}, which is not read; save it as plain scan lines`,
    );
  let channels: Channel[] | undefined;
  let compression: number | undefined;
  let box: number[] | undefined;
  let at = 8;
  for (;;) {
    assertInput(at < bytes.length, ended(where));
    if (bytes[at] === 0) break;
    const { name, next } = readName(bytes, at, where);
    const { name: type, next: sizeAt } = readName(bytes, next, where);
    assertInput(sizeAt + 4 <= bytes.length, ended(where));
    const size = view.getInt32(sizeAt, true);
    const value = sizeAt + 4;
    assertInput(size >= 0 && value + size <= bytes.length, ended(where));
    if (name === "channels" && type === "chlist") channels = readChannels(bytes, view, value, value + size, where);
    if (name === "compression" && size >= 1) compression = bytes[value];
    if (name === "dataWindow" && size >= 16) box = [0, 4, 8, 12].map((k) => view.getInt32(value + k, true));
    at = value + size;
  }
  assertInput(
    channels && compression !== undefined && box,
    `${where}: the header lacks channels, compression or dataWindow; save the image again`,
  );
  const [left, top, right, bottom] = box;
  const [width, height] = [right - left + 1, bottom - top + 1];
  assertInput(
    width > 0 && height > 0 && width * height <= maxPixels,
    `${where}: the EXR has ${width} × ${height} pixels; 1 to ${maxPixels} are read`,
  );
  return { channels, compression, width, height, top, end: at + 1 };
}

/** The numbers of one channel in one line. */
function readLine(view: DataView, at: number, type: ExrPixelType, line: Float32Array): void {
  if (type === "half") for (let x = 0; x < line.length; x++) line[x] = halfToNumber(view.getUint16(at + 2 * x, true));
  else if (type === "float") for (let x = 0; x < line.length; x++) line[x] = view.getFloat32(at + 4 * x, true);
  else for (let x = 0; x < line.length; x++) line[x] = view.getUint32(at + 4 * x, true);
}

/**
 * The image in the bytes of an EXR file: its data window. uint numbers beyond 2²⁴ are rounded to float32.
 *
 * @param where named in errors
 * @throws InputError for another format, tiles, deep data, several parts, another compression, and a truncated or
 *   damaged file
 */
export function decodeExr(bytes: Uint8Array, where: string = "decodeExr"): ExrImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { channels, compression, width, height, top, end } = readHeader(bytes, view, where);
  const lines = linesPerBlock[compression];
  assertInput(
    lines,
    `${where}: the compression ${compressions[compression] ?? compression} is not read; save the image with ZIP or PIZ`,
  );
  const bytesPerPixel = channels.reduce((sum, { type }) => sum + bytesOf[type], 0);
  const blocks = Math.ceil(height / lines);
  assertInput(
    end + 16 * blocks <= bytes.length && width * height * bytesPerPixel <= largestRatio * bytes.length,
    `${where}: ${bytes.length} bytes cannot hold ${width} × ${height} pixels; the EXR is truncated: copy the file again`,
  );
  const image = new Map(channels.map(({ name }) => [name, new Float32Array(width * height)]));
  const done = new Set<number>();
  for (let block = 0; block < blocks; block++) {
    const at = Number(view.getBigUint64(end + 8 * block, true));
    assertInput(at >= end && at + 8 <= bytes.length, ended(where));
    const row = view.getInt32(at, true) - top;
    const packed = view.getInt32(at + 4, true);
    assertInput(packed >= 0 && at + 8 + packed <= bytes.length, ended(where));
    assertInput(
      row >= 0 && row < height && row % lines === 0 && !done.has(row),
      `${where}: a block of the EXR names a row that is not its own; the file is damaged: copy it again`,
    );
    done.add(row);
    const shape: BlockShape = { width, lines: Math.min(lines, height - row), types: channels.map(({ type }) => type) };
    const data = unpackExrBlock(bytes.subarray(at + 8, at + 8 + packed), compression, shape, where);
    const blockView = new DataView(data.buffer, data.byteOffset, data.byteLength);
    let from = 0;
    for (let y = row; y < row + shape.lines; y++)
      for (const { name, type } of channels) {
        readLine(blockView, from, type, (image.get(name) as Float32Array).subarray(y * width, (y + 1) * width));
        from += width * bytesOf[type];
      }
  }
  return { width, height, channels: image };
}

/** The image in an EXR file. @throws InputError as `decodeExr`, and where the file cannot be read. */
export const readExr = (path: string): ExrImage => decodeExr(readBytes(path), path);
