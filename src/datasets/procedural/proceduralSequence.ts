/**
 * @file RGB-D sequences of a moving object and a moving camera: frame i of sequence s is the same on every machine.
 */
import { assertInput } from "../../check";
import { type Camera, camera25Camera, cropCamera, real275Camera } from "../../geometry/camera";
import { compose, invert, type Pose } from "../../geometry/pose";
import type { Body } from "../../geometry/rasterize";
import { rotationX, rotationZ } from "../../geometry/rotation";
import { type Category, categories } from "../../geometry/symmetry";
import { multiply } from "../../geometry/vector";
import { Rng } from "../../random";
import type { PosedSample, RenderedSample } from "../sample";
import { appearance } from "./appearance";
import { type Motion, randomMotion, widestDrift } from "./motion";
import { objectWindow } from "./objectWindow";
import { measure, observe } from "./observation";
import { surroundings } from "./scene";
import { randomSensor, type Sensor } from "./sensor";
import { proceduralShape, type Shape } from "./shape";
import { Solid } from "./solids";

const defaults = { resolution: 96, maps: false, seed: 0, speed: 1, framesPerSecond: 30 } satisfies SequenceOptions;

/** What of a sequence may be chosen. */
export interface SequenceOptions {
  /** Largest side of the crop in pixels, as in `proceduralSample`. */
  resolution?: number;
  /** One window for the frames 0 … still − 1, wide enough for all of them, instead of one that follows: for pictures. */
  still?: number;
  /** Also colour, normals and NOCS map. */
  maps?: boolean;
  /** Only this category; without it, category s mod 6. */
  category?: Category;
  seed?: number;
  /** How many times as fast everything moves, on the same way. */
  speed?: number;
  framesPerSecond?: number;
  /** Something passes between camera and object: from `from` to `to` seconds, it hides the object, all of it for about a quarter of that time. */
  passing?: { from: number; to: number };
}

/** A sequence without end. */
export interface ProceduralSequence {
  category: Category;
  shape: Shape;
  motion: Motion;
  /** Frame i, i / framesPerSecond seconds after frame 0. Hidden objects have an empty mask. @throws InputError for i < 0 */
  frame: (index: number) => PosedSample;
}

/** The same, with every map. */
export interface RenderedSequence extends ProceduralSequence {
  frame: (index: number) => RenderedSample;
}

/** Less of the object in view, at frame 0 or a second later, makes a sequence that is drawn again. */
const leastShare = 0.6;
const leastPixels = 120;

/** Everything of a sequence that does not move by itself. */
interface Stage {
  shape: Shape;
  motion: Motion;
  camera: Camera;
  sensor: Sensor;
  /** In the world. */
  others: readonly Body[];
}

function stage(category: Category, rng: Rng): Stage {
  const shape = proceduralShape(category, rng.split("shape"));
  const motion = randomMotion(shape.size, rng.split("motion"));
  const lens = rng.split("camera");
  const base = lens.chance(0.7) ? real275Camera : camera25Camera;
  const focal = lens.uniform(0.92, 1.08);
  const start = motion.camera(0);
  const toWorld = invert(start);
  const others = surroundings(shape, start, rng.split("scene"), widestDrift);
  return {
    shape,
    motion,
    camera: { ...base, fx: base.fx * focal, fy: base.fy * focal },
    sensor: randomSensor(rng.split("sensor")),
    others: others.map(({ mesh, pose }) => ({ mesh, pose: compose(toWorld, pose) })),
  };
}

/** A board at 0.6 of the distance that crosses the line of sight, twice as wide as the object's diagonal. */
function passingBoard(shape: Shape, target: Pose, share: number): Body {
  const nearer = 0.6;
  const span = 2 * Math.hypot(...shape.size) * nearer;
  const [x, y, z] = target.translation;
  const across = (2 * share - 1) * span;
  return {
    mesh: new Solid().cuboid([span, 2.5 * span, 0.01]).build(),
    pose: {
      rotation: multiply(rotationZ(0.2), rotationX(0.1)),
      translation: [nearer * x + across, nearer * y, nearer * z],
    },
  };
}

/** The smallest window that holds all of `windows`, `resolution` pixels along its longer side. */
function stillWindow(windows: readonly Camera[], whole: Camera, resolution: number): Camera {
  // In pixels of the whole camera: a window's left edge lies where its principal point says.
  const edges = windows.map((window) => {
    const zoom = window.fx / whole.fx;
    const [left, top] = [whole.cx - window.cx / zoom, whole.cy - window.cy / zoom];
    return { left, top, right: left + window.width / zoom, bottom: top + window.height / zoom };
  });
  const [left, top] = [Math.min(...edges.map((e) => e.left)), Math.min(...edges.map((e) => e.top))];
  const [right, bottom] = [Math.max(...edges.map((e) => e.right)), Math.max(...edges.map((e) => e.bottom))];
  const zoom = resolution / Math.max(right - left, bottom - top);
  const [width, height] = [Math.round((right - left) * zoom), Math.round((bottom - top) * zoom)];
  return cropCamera(whole, { left, top, width, height, zoom });
}

/**
 * Sequence `index` of a split: an instance that no other index shows, its table and neighbours, and a way through the
 * next minutes for the camera in one hand and the object in the other. Frames are samples as `proceduralSample` gives
 * them (same scenes, sensor and mask errors); one sensor for the whole sequence, its noise anew in every frame.
 *
 * Frame i at `speed` 3 shows what frame 3i shows at `speed` 1.
 *
 * @throws InputError if the index is not a whole number ≥ 0, speed or frames per second are not positive, or the
 *   resolution is below 24 pixels
 */
export function proceduralSequence(
  split: string,
  index: number,
  options: SequenceOptions & { maps: true },
): RenderedSequence;
export function proceduralSequence(split: string, index: number, options?: SequenceOptions): ProceduralSequence;
export function proceduralSequence(split: string, index: number, options: SequenceOptions = {}): ProceduralSequence {
  const {
    resolution,
    still,
    maps,
    category: wanted,
    seed,
    speed,
    framesPerSecond,
    passing,
  } = { ...defaults, ...options };
  const where = "proceduralSequence";
  assertInput(
    Number.isInteger(index) && index >= 0,
    `${where}: the index is ${index}; it must be a whole number from 0`,
  );
  assertInput(
    speed > 0 && Number.isFinite(speed),
    `${where}: the speed is ${speed}; give a positive factor, 1 is usual`,
  );
  assertInput(framesPerSecond > 0, `${where}: framesPerSecond is ${framesPerSecond}; give a positive number, e.g. 30`);
  assertInput(
    still === undefined || (Number.isInteger(still) && still >= 1),
    `${where}: still is ${still}; give the number of frames that the window must hold`,
  );
  assertInput(resolution >= 24, `${where}: the resolution is ${resolution}; give at least 24 pixels`);
  const category = wanted ?? categories[index % categories.length]!;
  const stream = new Rng(seed).split(`sequence ${split}`).split(index);

  const bodiesAt = ({ others }: Stage, toCamera: Pose): Body[] =>
    others.map((body) => ({ mesh: body.mesh, pose: compose(toCamera, body.pose) }));
  const shows = (set: Stage): boolean =>
    [0, 1].every((seconds) => {
      const toCamera = set.motion.camera(seconds);
      const pose = compose(toCamera, set.motion.object(seconds));
      const camera = objectWindow(set.camera, set.shape.mesh, pose, 96, 1.2);
      const { seen, silhouette } = observe(set.shape, pose, camera, bodiesAt(set, toCamera));
      return seen >= leastPixels && seen >= leastShare * silhouette;
    });
  let attempt = 0;
  let set = stage(category, stream.split(attempt));
  while (!shows(set)) set = stage(category, stream.split(++attempt));
  const rng = stream.split(attempt);
  const { shape, motion, sensor } = set;

  const poseAt = (seconds: number): Pose => compose(motion.camera(seconds), motion.object(seconds));
  const timeOf = (i: number): number => (i * speed) / framesPerSecond;
  const frozen =
    still === undefined
      ? undefined
      : stillWindow(
          Array.from({ length: still }, (_, i) => objectWindow(set.camera, shape.mesh, poseAt(timeOf(i)), 4000, 1.5)),
          set.camera,
          resolution,
        );

  const frame = (i: number): PosedSample => {
    assertInput(Number.isInteger(i) && i >= 0, `${where}: the frame is ${i}; it must be a whole number from 0`);
    const seconds = timeOf(i);
    const toCamera = motion.camera(seconds);
    const pose = poseAt(seconds);
    const noise = rng.split("frames").split(i);
    const margin = noise.split("window").uniform(1.15, 1.27);
    const camera = frozen ?? objectWindow(set.camera, shape.mesh, pose, resolution, margin);
    const others = bodiesAt(set, toCamera);
    const share = passing ? (i / framesPerSecond - passing.from) / (passing.to - passing.from) : -1;
    if (share > 0 && share < 1) others.push(passingBoard(shape, pose, share));
    const view = observe(shape, pose, camera, others);
    const { mask, depth } = measure(view, camera, {
      sensor,
      maskRng: noise.split("mask"),
      noiseRng: noise.split("sensor"),
      everywhere: maps || frozen !== undefined,
    });
    return {
      id: `sequence/${split}/${index}/${i}`,
      category,
      camera,
      depth,
      mask,
      pose,
      size: shape.size,
      handleVisible: view.handleVisible,
      visibleShare: view.silhouette > 0 ? view.seen / view.silhouette : 0,
      ...(maps ? appearance(shape, pose, camera, view, others, rng.split("appearance"), { materials: "random" }) : {}),
    };
  };
  return { category, shape, motion, frame };
}
