/**
 * @file Photos in motion: somebody moves a camera around the table of an embedded photo.
 */
import { assertInput } from "../../check";
import { compose, type Pose } from "../../geometry/pose";
import { rotationX, rotationY, rotationZ } from "../../geometry/rotation";
import { type Category, categories } from "../../geometry/symmetry";
import { add, apply, column, type Matrix3, multiply, subtract, type Vector3 } from "../../geometry/vector";
import { Rng } from "../../random";
import { randomGeometryError } from "./predictedGeometry";
import { type PhotoSample, photoOfScene } from "./proceduralPhoto";
import { type TableScene, tableScene } from "./tableScene";

/** A sequence: `frame(i)` renders any of its frames, thirty a second. */
export interface PhotoSequence {
  category: Category;
  frame: (index: number) => PhotoSample;
}

/** Options of `photoSequence`. */
export interface PhotoSequenceOptions {
  seed?: number;
  /** Multiplies how fast the camera moves. */
  speed?: number;
  category?: Category;
}

const defaults = { seed: 0, speed: 1 } satisfies PhotoSequenceOptions;
const framesPerSecond = 30;
const degrees = Math.PI / 180;

/** A slow sine that begins at 0. */
function wander(amplitude: number, rng: Rng): (seconds: number) => number {
  const [turns, phase] = [2 * Math.PI * rng.uniform(0.1, 0.25), rng.uniform(0, 2 * Math.PI)];
  return (t) => amplitude * (Math.sin(turns * t + phase) - Math.sin(phase));
}

/** How the camera moves: everything in its frame is turned about the object and shifted. */
function motionAround(center: Vector3, up: Vector3, rng: Rng): (seconds: number) => Pose {
  const [around, tilt, roll] = [wander(25 * degrees, rng), wander(6 * degrees, rng), wander(4 * degrees, rng)];
  const shifts = [0.04, 0.03, 0.07].map((amplitude) => wander(amplitude, rng));
  // R_up takes y to the table's up axis in the camera frame, so that the camera goes around, not over, the table.
  const toUp = fromYTo(up);
  return (t) => {
    const orbit = multiply(multiply(toUp, rotationY(around(t))), [
      toUp[0],
      toUp[3],
      toUp[6],
      toUp[1],
      toUp[4],
      toUp[7],
      toUp[2],
      toUp[5],
      toUp[8],
    ]);
    const rotation = multiply(multiply(rotationZ(roll(t)), rotationX(tilt(t))), orbit);
    const shift: Vector3 = [shifts[0]!(t), shifts[1]!(t), shifts[2]!(t)];
    return { rotation, translation: add(subtract(center, apply(rotation, center)), shift) };
  };
}

/** The smallest rotation that takes y to a unit vector; for −y, a half turn about x. */
function fromYTo([x, y, z]: Vector3): Matrix3 {
  if (y < -1 + 1e-9) return [1, 0, 0, 0, -1, 0, 0, 0, -1];
  const c = 1 / (1 + y);
  return [1 - c * x * x, x, -c * x * z, -x, y, -z, -c * x * z, z, 1 - c * z * z];
}

/** The scene as the moved camera has it. */
const movedScene = (scene: TableScene, motion: Pose): TableScene => ({
  ...scene,
  pose: compose(motion, scene.pose),
  bodies: scene.bodies.map((body) => ({ ...body, pose: compose(motion, body.pose) })),
  light: { ...scene.light, lamp: apply(motion.rotation, scene.light.lamp) },
});

/** Nothing of the object, or only a corner of it, may be seen in a frame that counts. */
const leastPixels = 150;

/**
 * Sequence `index` of a split: a table that no photo shows, a camera that goes around it by up to ±50°, tilts, nears and
 * sways. The monocular network is wrong in the same way all along, scale and shift of its depth included.
 *
 * @throws InputError if the index is not a whole number ≥ 0, or, in `frame`, if the object has left the image
 */
export function photoSequence(split: string, index: number, options: PhotoSequenceOptions = {}): PhotoSequence {
  const { seed, speed } = { ...defaults, ...options };
  assertInput(
    Number.isInteger(index) && index >= 0,
    `photoSequence: the index is ${index}; it must be a whole number from 0`,
  );
  const category = options.category ?? categories[index % categories.length]!;
  const rng = new Rng(seed).split(`photo sequence ${split}`).split(index);
  const scene = clearScene(category, rng);
  const move = motionAround(scene.pose.translation, column(scene.pose.rotation, 1), rng.split("motion"));
  const error = randomGeometryError(rng.split("geometry error"));
  return {
    category,
    frame: (i) => {
      assertInput(Number.isInteger(i) && i >= 0, `photoSequence: frame ${i}; give a whole number from 0`);
      const own = movedScene(scene, move((speed * i) / framesPerSecond));
      return photoOfScene(`sequence/${split}/${index}/${i}`, own, 1, rng.split("frame").split(i), error);
    },
  };
}

/** A scene in which nothing floats before the object, which is near the middle of the image: it stays in it. */
function clearScene(category: Category, rng: Rng): TableScene {
  for (let attempt = 0; ; attempt++) {
    const scene = tableScene(category, rng.split("scene").split(attempt));
    const { translation: t } = scene.pose;
    const { fx, fy, cx, cy, width, height } = scene.camera;
    const [u, v] = [(fx * t[0]) / t[2] + cx, (fy * t[1]) / t[2] + cy];
    const central = Math.abs(u - width / 2) < 0.18 * width && Math.abs(v - height / 2) < 0.18 * height;
    const bare = scene.bodies.every(({ shadow, pose }, i) => i < 2 || shadow > 0 || pose.translation[2] > t[2] - 0.3);
    const pixels = (Math.max(...scene.shape.size) * fx) / t[2];
    if (central && bare && pixels * pixels > 4 * leastPixels) return scene;
  }
}
