/**
 * @file PNG images as plain arrays: 8- and 16-bit, grey to RGBA, exactly as stored (sharp decodes, no colour management).
 */
import { writeFileSync } from "node:fs";
import sharp from "sharp";
import { assertInput, InputError } from "../check";
import { readBytes } from "./readBytes";

/** An image, row-major, channels interleaved. */
export interface PngImage {
  width: number;
  height: number;
  /** 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA. */
  channels: 1 | 2 | 3 | 4;
  /** height · width · channels numbers; Uint16Array where the file has 16 bits. */
  data: Uint8Array | Uint16Array;
}

const signature = "89504e470d0a1a0a";
const maxPixels = 100_000_000;

/** Channels by PNG colour type; 3 is an indexed image (a palette). */
const channelsOf: Readonly<Record<number, PngImage["channels"]>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** What the header (IHDR) says, before any pixel is decoded. */
function header(bytes: Uint8Array, where: string): { width: number; height: number; bits: number; colorType: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  assertInput(bytes.length > 0, `${where}: the file is empty; copy it again`);
  const isPng = buffer.toString("hex", 0, 8) === signature;
  assertInput(isPng, `${where}: this is not a PNG file; save the image as PNG (JPEG changes depths and mask numbers)`);
  assertInput(bytes.length >= 33, `${where}: the PNG is truncated after ${bytes.length} bytes; copy the file again`);
  return {
    width: buffer.readUInt32BE(16),
    height: buffer.readUInt32BE(20),
    bits: buffer[24],
    colorType: buffer[25],
  };
}

/**
 * The image in the bytes of a PNG file.
 *
 * @param where named in errors
 * @throws InputError for another format, a truncated or damaged file, a palette (its indices are not what a decoder
 *   returns), or more than 10⁸ pixels
 */
export async function decodePng(bytes: Uint8Array, where: string = "decodePng"): Promise<PngImage> {
  const { width, height, bits, colorType } = header(bytes, where);
  const channels = channelsOf[colorType];
  assertInput(
    channels,
    `${where}: the PNG has a palette (colour type ${colorType}), whose colours are not its numbers; save it as plain grey or RGB`,
  );
  assertInput(
    width * height <= maxPixels,
    `${where}: the PNG has ${width} × ${height} pixels; at most ${maxPixels} are read: crop or shrink it`,
  );
  const wide = bits === 16;
  const space = channels <= 2 ? (wide ? "grey16" : "b-w") : wide ? "rgb16" : "srgb";
  try {
    // failOn: a damaged file must not become a picture with a grey rest
    const decoded = await sharp(bytes, { failOn: "truncated", ignoreIcc: true, limitInputPixels: maxPixels })
      .toColourspace(space)
      .raw({ depth: wide ? "ushort" : "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { data: raw, info } = decoded;
    assertInput(
      info.channels === channels && info.width === width && info.height === height,
      `${where}: decoded to ${info.width} × ${info.height} × ${info.channels}, the header says ${width} × ${height} × ${channels}; save the PNG again`,
    );
    // copied: a Uint16Array needs an even offset, and the caller shall own the memory
    const owned = new Uint8Array(raw);
    return { width, height, channels, data: wide ? new Uint16Array(owned.buffer) : owned };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = (error as Error).message.split("\n")[0].trim();
    throw new InputError(`${where}: the PNG is truncated or damaged (${reason}); copy or save the file again`);
  }
}

/** The image in a PNG file. @throws InputError as `decodePng`, and where the file cannot be read. */
export const readPng = async (path: string): Promise<PngImage> => decodePng(readBytes(path), path);

/** The bytes of a PNG file: 16 bits for a Uint16Array, 8 for a Uint8Array. @throws InputError for a wrong size. */
export async function encodePng(image: PngImage): Promise<Uint8Array> {
  const { width, height, channels, data } = image;
  assertInput(
    data.length === width * height * channels && data.length > 0,
    `encodePng: expected ${height} × ${width} × ${channels} numbers, got ${data.length}; make size and data agree`,
  );
  const wide = data instanceof Uint16Array;
  const space = channels <= 2 ? (wide ? "grey16" : "b-w") : wide ? "rgb16" : "srgb";
  return sharp(data, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer();
}

/** Writes a PNG file. @throws InputError as `encodePng`. */
export async function writePng(path: string, image: PngImage): Promise<void> {
  writeFileSync(path, await encodePng(image));
}
