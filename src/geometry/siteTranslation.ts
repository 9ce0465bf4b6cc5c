/**
 * @file Scale-invariant translation (SITE): where an object is, as a network that sees only a crop can know it.
 */
import { assertFinite, assertInput } from "../check";
import { backProject, type Camera, project } from "./camera";
import type { Vector3 } from "./vector";

/** What a crop keeps secret from the network that sees it; pixels of the whole image, pixel centres at integers. */
export interface SiteFrame {
  /** The camera of the whole image. */
  camera: Camera;
  /** Centre (cx, cy) of the crop in the whole image. */
  cropCenter: readonly [number, number];
  /** Width and height of the object's box in the whole image, before zooming in. */
  boxSize: readonly [number, number];
  /** Side of the square that was cut out of the whole image. */
  cropSide: number;
  /** Side of the picture that the network sees, pixels. */
  outSize: number;
}

function assertFrame(where: string, { camera, cropCenter, boxSize, cropSide, outSize }: SiteFrame): void {
  assertFinite(`${where}, crop centre`, cropCenter);
  const lengths = { "focal length": [camera.fx, camera.fy], "box size": boxSize, "crop side": [cropSide, outSize] };
  for (const [name, values] of Object.entries(lengths))
    assertInput(
      values.every((value) => value > 0 && value < Infinity),
      `${where}: the ${name} is ${values.join(" × ")}; give positive numbers of pixels`,
    );
}

/**
 * SITE of a translation (paper B, eq. 5; CDPN, GDR-Net): with o the projection of the object's centre,
 *
 * δx = (oₓ − cₓ)/w, δy = (o_y − c_y)/h, δz = t_z/r with the zoom r = outSize/cropSide.
 *
 * The same crop gives the same three numbers wherever in the image it was cut out and however large it was there.
 *
 * @param translation the object's centre in the camera frame, metres
 * @returns δx, δy (parts of the box) and δz (metres)
 * @throws InputError for a point that is not in front of the camera or a frame without extent
 */
export function siteOfTranslation(translation: Vector3, frame: SiteFrame): Vector3 {
  assertFrame("siteOfTranslation", frame);
  const { camera, cropCenter, boxSize, cropSide, outSize } = frame;
  const [u, v] = project(camera, translation);
  return [(u - cropCenter[0]) / boxSize[0], (v - cropCenter[1]) / boxSize[1], (translation[2] * cropSide) / outSize];
}

/**
 * The translation of SITE (paper B, eq. 6), the exact inverse of `siteOfTranslation`:
 * o = c + (δx·w, δy·h), t_z = δz·r, t = t_z·K⁻¹(o, 1).
 *
 * @throws InputError for a frame without extent or numbers that are not finite
 */
export function translationOfSite(site: Vector3, frame: SiteFrame): Vector3 {
  assertFrame("translationOfSite", frame);
  assertFinite("translationOfSite", site);
  const { camera, cropCenter, boxSize, cropSide, outSize } = frame;
  const [u, v] = [cropCenter[0] + site[0] * boxSize[0], cropCenter[1] + site[1] * boxSize[1]];
  return backProject(camera, u, v, (site[2] * outSize) / cropSide);
}
