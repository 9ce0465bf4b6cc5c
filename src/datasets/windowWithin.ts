/**
 * @file A window of a photo, counted in the pixels of a part of it.
 */
import type { Camera } from "../geometry/camera";
import type { CropWindow } from "./crop";

/**
 * A window of the photo in the pixels of a part of it that was rendered by itself.
 *
 * @param part the part's camera: that of the photo, zoomed and cropped (`cropCamera`)
 * @param photo the whole photo's
 */
export function windowWithin(part: Camera, photo: Camera, { center, scale }: CropWindow): CropWindow {
  const zoom = part.fx / photo.fx;
  const along = (at: number, whole: number, own: number): number => own + (at - 0.5 - whole) * zoom + 0.5;
  return {
    center: [along(center[0], photo.cx, part.cx), along(center[1], photo.cy, part.cy)],
    scale: scale * zoom,
  };
}
