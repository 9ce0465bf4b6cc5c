/**
 * @file From depth and mask PNGs to metres and pixel sets.
 */
import { assertInput } from "../check";
import type { PngImage } from "../formats/png";

/** CAMERA25's mark for "nothing rendered here". */
const camera25Nothing = 32001;

const isSixteenBit = (image: PngImage): boolean => image.data instanceof Uint16Array;

/**
 * Metres of a 16-bit grey depth image.
 *
 * @param unitMm millimetres per step of the image
 * @throws InputError for 8 bits or colours: such files have lost the depth
 */
export function depthFromGrey16(where: string, image: PngImage, unitMm: number = 1): Float32Array {
  const got = `${isSixteenBit(image) ? 16 : 8}-bit ${["", "grey", "grey + alpha", "RGB", "RGBA"][image.channels]}`;
  assertInput(
    isSixteenBit(image) && image.channels === 1,
    `${where}: expected a 16-bit grey PNG of depth in millimetres, got ${got}; save the sensor's raw depth, not a picture of it`,
  );
  return Float32Array.from(image.data, (steps) => (steps * unitMm) / 1000);
}

/**
 * Metres of a CAMERA25 depth image: 8-bit colours with G·256 + R millimetres (as cv2 reads it, channel 1·256 +
 * channel 2), 32001 where nothing was rendered; a 16-bit grey image is taken as it is.
 *
 * @throws InputError for 8-bit grey
 */
export function depthFromNocs(where: string, image: PngImage): Float32Array {
  if (isSixteenBit(image) || image.channels < 3) return depthFromGrey16(where, image);
  const { channels, data } = image;
  return Float32Array.from({ length: image.width * image.height }, (_, i) => {
    const mm = 256 * data[i * channels + 1] + data[i * channels];
    return mm === camera25Nothing ? 0 : mm / 1000;
  });
}

/** The first channel (red of a colour image), which is where NOCS masks have the instance numbers. */
export function firstChannel(image: PngImage): Uint8Array | Uint16Array {
  const { channels, data } = image;
  return channels === 1 ? data : data.filter((_, i) => i % channels === 0);
}
