/**
 * @file Photos as plain arrays: JPEG, PNG, WebP and whatever else sharp decodes, as 8-bit RGB.
 */
import sharp from "sharp";
import { assertInput, InputError } from "../check";
import { readBytes } from "./readBytes";

/** A photo, row-major. */
export interface Photo {
  width: number;
  height: number;
  /** height × width × 3. */
  rgb: Uint8Array;
}

const maxPixels = 100_000_000;

/**
 * The photo in a file, turned as its EXIF orientation says, so that width and height are those that a viewer shows.
 * Transparent parts become black.
 *
 * @throws InputError if the file is missing, damaged, no picture, or larger than 10⁸ pixels
 */
export async function readPhoto(path: string): Promise<Photo> {
  const bytes = readBytes(path);
  assertInput(bytes.length > 0, `${path}: the file is empty; copy it again`);
  try {
    const { data, info } = await sharp(bytes, { failOn: "truncated", limitInputPixels: maxPixels })
      .rotate()
      .flatten({ background: "#000" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    assertInput(channels === 3, `${path}: the photo has ${channels} channels; save it as plain RGB`);
    return { width, height, rgb: new Uint8Array(data) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = (error as Error).message.split("\n")[0].trim();
    throw new InputError(
      `${path}: this is no picture that can be read, or it is damaged (${reason}); save it as JPEG or PNG`,
    );
  }
}
