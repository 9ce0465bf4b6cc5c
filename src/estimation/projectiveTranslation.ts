/**
 * @file Where an object is, from the size of its box in the image: projective distance estimation.
 */
import { assertInput } from "../check";
import { backProject, type Camera } from "../geometry/camera";
import { subtract, type Vector3 } from "../geometry/vector";

/** A box in an image: left, top, right, bottom, pixels. */
export type ImageBox = readonly [number, number, number, number];

/** A box and the camera of its image. */
export interface BoxInImage {
  box: ImageBox;
  camera: Pick<Camera, "fx" | "fy" | "cx" | "cy">;
}

/** A template's box; the object's origin lies on the optical axis of its camera. */
export interface TemplateBox extends BoxInImage {
  /** Distance of the object's origin along z, metres (or any unit, which the result has too). */
  distance: number;
}

const diagonal = ([left, top, right, bottom]: ImageBox): number => Math.hypot(right - left, bottom - top);

function centrePoint({ box, camera }: BoxInImage, z: number): Vector3 {
  return backProject({ ...camera, width: 0, height: 0 }, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, z);
}

/**
 * The translation of an object that looks like a template (Kehl et al. 2017, SSD-6D, section 3.4; paper C):
 * t_z = z_T·diag_T/diag_Q·f_Q/f_T, and t_x, t_y the back-projected centre of the query's box minus that of the
 * template's.
 *
 * @throws InputError for a box without extent, or a distance or focal length that is not positive
 */
export function projectiveTranslation(template: TemplateBox, query: BoxInImage): Vector3 {
  const [a, b] = [diagonal(template.box), diagonal(query.box)];
  assertInput(
    a > 0 && b > 0,
    `projectiveTranslation: the boxes' diagonals are ${a} and ${b} pixels; give boxes with an extent`,
  );
  assertInput(
    template.distance > 0 && template.camera.fx > 0 && query.camera.fx > 0,
    `projectiveTranslation: distance ${template.distance}, focal lengths ${template.camera.fx}, ${query.camera.fx}; all must be positive`,
  );
  const z = ((template.distance * a) / b) * (query.camera.fx / template.camera.fx);
  const [x, y] = subtract(centrePoint(query, z), centrePoint(template, template.distance));
  return [x, y, z];
}
