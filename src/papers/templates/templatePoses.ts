/**
 * @file From the template that was found to the pose in the image, and its visible surface discrepancy: paper C's protocol
 * for T-LESS.
 */
import { assertInput } from "../../check";
import { type BopDataset, bopFiles, bopImageId, readBopFrame } from "../../datasets/bop";
import { renderBop } from "../../datasets/bopRender";
import type { BopImage } from "../../datasets/bopScene";
import { type CropUp, squareRotation } from "../../datasets/templateCrop";
import { projectiveTranslation } from "../../estimation/projectiveTranslation";
import type { Camera } from "../../geometry/camera";
import type { Mesh } from "../../geometry/mesh";
import type { Pose } from "../../geometry/pose";
import { rasterize } from "../../geometry/rasterize";
import { apply, multiply, norm, subtract, transpose } from "../../geometry/vector";
import { meanOfNumbers, medianOfNumbers } from "../../metrics/averages";
import { vsd } from "../../metrics/vsd";
import type { TemplateQuery } from "./evaluateTemplates";
import type { TemplateMatch } from "./templateMatcher";
import { boxOf } from "./templateStore";

/** `projective`: by the size of the silhouette's box. `true`: the true one, as template-pose's later code has it. */
export const matchTranslations = ["projective", "true"] as const;

/** How a pose is made of a match. */
export interface MatchPoseOptions {
  /** Of the descriptor: the crop's side in pixels. */
  inputSize: number;
  /** Of the templates, metres. */
  side?: number;
  distance?: number;
  /** How the crops were cut. */
  up?: CropUp;
  translation?: (typeof matchTranslations)[number];
}

/**
 * The pose of the match of a crop that was cut by the true pose: the template's rotation as seen in the direction of the
 * crop (R = R_crop · R_template; the in-plane rotation is that of the template, and of the crop where the object's axis
 * is up in it), and the translation at which the template's box becomes the true silhouette's (`projectiveTranslation`
 * in the crop's camera; T-LESS's true boxes stand for a detector's).
 *
 * @param mesh of the true object
 */
export function matchPose(
  match: Pick<TemplateMatch, "rotation" | "box">,
  truth: Pose,
  mesh: Mesh,
  { inputSize, side = 0.2, distance = 0.8, up = "axis", translation = "projective" }: MatchPoseOptions,
): Pose {
  const toCamera = squareRotation(truth, { side, up });
  const rotation = multiply(toCamera, match.rotation);
  if (translation === "true") return { rotation, translation: truth.translation };
  const [range, center] = [norm(truth.translation), inputSize / 2];
  const camera = { fx: (inputSize * range) / side, fy: (inputSize * range) / side, cx: center, cy: center };
  const inCrop: Pose = { rotation: multiply(transpose(toCamera), truth.rotation), translation: [0, 0, range] };
  // Three crops wide, so that a silhouette beyond the crop is whole.
  const wide = { ...camera, cx: 3 * center, cy: 3 * center, width: 3 * inputSize, height: 3 * inputSize };
  const { body } = rasterize([{ mesh, pose: inCrop }], wide);
  const box = boxOf(
    Uint8Array.from(body, (of) => of + 1),
    3 * inputSize,
  );
  const focal = (inputSize * distance) / side;
  const moved = projectiveTranslation(
    { box: match.box, camera: { ...camera, fx: focal, fy: focal }, distance },
    { box, camera: { ...camera, cx: wide.cx, cy: wide.cy } },
  );
  return { rotation, translation: apply(toCamera, moved) };
}

/** Where a query was seen. */
export interface SeenObject {
  image: BopImage;
  camera: Camera;
  pose: Pose;
}

/** What VSD needs of a query, and what was found. */
export interface FoundPose {
  objectId: number;
  seen: SeenObject;
  /** Undefined where another object was found: nothing of the true one. */
  pose?: Pose;
}

/** The pose of each query's best match; none where it is of another object. */
export const foundPoses = (
  dataset: BopDataset,
  queries: readonly TemplateQuery[],
  options: MatchPoseOptions,
): FoundPose[] =>
  queries.flatMap(({ objectId, seen, matches: [best] }) => {
    if (!seen) return [];
    const found = { objectId, seen };
    if (best.objectId !== objectId) return [found];
    return [{ ...found, pose: matchPose(best, seen.pose, dataset.mesh(objectId), options) }];
  });

/** How far a found pose is off. */
export interface TemplateVsdError {
  objectId: number;
  image: string;
  /** 1 where another object was found. */
  error: number;
  /** Of poses of the right object. */
  translationErrorCm?: number;
  /** Whether the image has no depth, and it was rendered from the true poses. */
  rendered: boolean;
}

const protocol = { delta: 0.015, taus: [0.02] };
const limit = 0.3;

/**
 * VSD of found poses for δ = 15 mm, τ = 20 mm (paper C, section 4.2; `vsd`), in their order: against the sensor's depth,
 * or, where the data set has none, against what the true poses render, in which nothing but the objects hides anything.
 */
export async function templateVsdErrors(dataset: BopDataset, found: readonly FoundPose[]): Promise<TemplateVsdError[]> {
  const byImage = new Map<BopImage, number[]>();
  for (const [i, { seen }] of found.entries()) byImage.set(seen.image, [...(byImage.get(seen.image) ?? []), i]);
  const errors: TemplateVsdError[] = [];
  for (const [image, members] of byImage) {
    const { camera } = found[members[0]].seen;
    const rendered = bopFiles(dataset, image).depth === undefined;
    const scene = rendered
      ? renderBop(dataset, image, camera).depth
      : ((await readBopFrame(dataset, image)).depth as Float32Array);
    for (const i of members) {
      const { objectId, seen, pose } = found[i];
      const mesh = dataset.mesh(objectId);
      const depthOf = (of: Pose): Float32Array => rasterize([{ mesh, pose: of }], camera).depth;
      const depths = pose && { scene, truth: depthOf(seen.pose), predicted: depthOf(pose) };
      errors[i] = {
        objectId,
        image: bopImageId(dataset, image),
        error: depths ? vsd(depths, camera, protocol).errors[0] : 1,
        ...(pose && { translationErrorCm: 100 * norm(subtract(pose.translation, seen.pose.translation)) }),
        rendered,
      };
    }
  }
  return errors;
}

/** VSD recall of found poses, shares, and the errors of translation. */
export interface TemplateVsdRecall {
  /** Of all instances, and the mean over the objects. */
  recall: number;
  objectMean: number;
  byObject: Readonly<Record<number, number>>;
  /** Median over the queries whose object was found. */
  medianTranslationErrorCm: number;
  /** Images whose depth had no file and was rendered from the true poses. */
  renderedImages: number;
  images: number;
}

/** Share of the instances whose VSD is below 0.3. @throws InputError for none */
export function vsdRecallOf(errors: readonly TemplateVsdError[]): TemplateVsdRecall {
  assertInput(errors.length > 0, "vsdRecallOf: there are no poses; give at least one");
  const share = (of: readonly TemplateVsdError[]): number => of.filter(({ error }) => error < limit).length / of.length;
  const ids = [...new Set(errors.map(({ objectId }) => objectId))].sort((a, b) => a - b);
  const byObject = Object.fromEntries(ids.map((id) => [id, share(errors.filter(({ objectId }) => objectId === id))]));
  const imagesOf = (of: readonly TemplateVsdError[]): number => new Set(of.map(({ image }) => image)).size;
  return {
    recall: share(errors),
    objectMean: meanOfNumbers(Object.values(byObject)),
    byObject,
    medianTranslationErrorCm: medianOfNumbers(errors.flatMap((error) => error.translationErrorCm ?? [])) ?? Number.NaN,
    renderedImages: imagesOf(errors.filter(({ rendered }) => rendered)),
    images: imagesOf(errors),
  };
}
