/**
 * @file Results in the form of the BOP challenges: scene_id,im_id,obj_id,score,R,t,time, a line per estimate.
 */
import { assertInput, assertRotation } from "../../check";
import { readText } from "../../formats/readBytes";
import type { Pose } from "../../geometry/pose";
import type { Matrix3 } from "../../geometry/vector";

/** A line of the file. */
export interface BopEstimate {
  sceneId: number;
  imageId: number;
  objectId: number;
  score: number;
  /** Model → camera, metres (the file has millimetres). */
  pose: Pose;
  /** Of the whole image, seconds; negative where it was not measured. */
  seconds: number;
  /** In the file, from 1. */
  line: number;
}

const columns = "scene_id,im_id,obj_id,score,R,t,time";
/** How far columns may be from orthonormal: LM-O's own ground truth is off by 0.009, and results are as good as those. */
const rotationTolerance = 0.02;

function numbersOf(where: string, text: string, count: number): number[] {
  const words = text.trim().split(/\s+/);
  const numbers = words.map((word) => (word === "" ? Number.NaN : Number(word)));
  assertInput(
    numbers.length === count && numbers.every(Number.isFinite),
    `${where}: expected ${count === 1 ? "a number" : `${count} numbers between blanks`}, got ${JSON.stringify(text.slice(0, 60))}; write ${columns}`,
  );
  return numbers;
}

function whole(where: string, text: string): number {
  const [value] = numbersOf(where, text, 1);
  assertInput(
    Number.isSafeInteger(value) && value >= 0,
    `${where}: ${text.trim()} is no whole number from 0 on; write ${columns}`,
  );
  return value;
}

/**
 * The estimates of a file in the form of BOP'19; the first line may name the columns. A line that is there twice is two
 * estimates, as in bop_toolkit.
 *
 * @throws InputError naming file, line and column for another number of columns, what is no finite number, or an R that is
 *   no rotation
 */
export function readBopCsv(path: string): BopEstimate[] {
  const estimates: BopEstimate[] = [];
  readText(path)
    .split(/\r?\n/)
    .forEach((text, i) => {
      const [line, where] = [i + 1, `${path}, line ${i + 1}`];
      if (text.trim() === "" || (i === 0 && text.replaceAll(" ", "").includes(columns))) return;
      const cells = text.split(",");
      assertInput(
        cells.length === 7,
        `${where}: ${cells.length} columns, expected 7; write ${columns}, with blanks between the numbers of R and t`,
      );
      const [scene, image, object, score, r, t, time] = cells;
      const rotation = numbersOf(`${where}, R`, r, 9);
      assertRotation(`${where}, R`, rotation, rotationTolerance);
      const translation = numbersOf(`${where}, t`, t, 3).map((mm) => mm / 1000);
      estimates.push({
        sceneId: whole(`${where}, scene_id`, scene),
        imageId: whole(`${where}, im_id`, image),
        objectId: whole(`${where}, obj_id`, object),
        score: numbersOf(`${where}, score`, score, 1)[0],
        pose: { rotation: rotation as unknown as Matrix3, translation: translation as unknown as Pose["translation"] },
        seconds: numbersOf(`${where}, time`, time, 1)[0],
        line,
      });
    });
  assertInput(estimates.length > 0, `${path}: it holds no estimate; write ${columns}, a line each`);
  return estimates;
}
