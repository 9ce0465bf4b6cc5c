/**
 * @file An experiment: a measurement in parts that takes minutes, can be stopped and resumed, and leaves plain data.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { backendReport } from "../../backend";
import { assertInput, InputError } from "../../check";
import { proceduralPhotoVersion } from "../../datasets/procedural/proceduralPhoto";
import { proceduralDataVersion } from "../../datasets/procedural/proceduralSample";
import { modelDigest } from "../../training/modelDigest";
import { Interrupted } from "../interrupted";

/** Plain data: what a part measured. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a part is given. */
export interface PartContext {
  /** A folder of the part's own, for training states; made, and kept between runs. */
  folder: string;
  /** Aborted when the reader wants to stop: save, and throw `Interrupted`. */
  signal: AbortSignal;
  /** Share of the part that is done (0 … 1), and what is worth knowing now. */
  progress: (share: number, note: string) => void;
}

/** One arm of the comparison with one seed. It depends on its name and the code alone, not on other parts. */
export interface ExperimentPart {
  name: string;
  measure: (context: PartContext) => Promise<Json>;
}

/** A named measurement; `posediff experiment NAME` runs it. */
export interface Experiment {
  /** File name of the result, without `.json`. */
  name: string;
  title: string;
  /** What decides, written before the run. */
  question: string;
  /** It is measured on the embedded photos; without it, on the embedded depth frames. */
  photos?: boolean;
  /** The model files that the parts read: with others, the result is another. */
  reads?: readonly string[];
  parts: () => readonly ExperimentPart[];
}

/** What `runExperiment` leaves in `data/experiments/NAME.json`. */
export interface ExperimentResult {
  experiment: string;
  title: string;
  question: string;
  command: string;
  dataVersion: number;
  /** File names of the models that were read, with the digest of their arrays. */
  models?: Record<string, string>;
  machine: string;
  /** Minutes of computing, of every part. */
  minutes: Record<string, number>;
  parts: Record<string, Json>;
}

/** Where results that ship with the project lie. */
export const experimentsFolder: string = join(__dirname, "..", "..", "..", "data", "experiments");

const resultPath = (folder: string, name: string): string => join(folder, `${name}.json`);

/**
 * The stored result of an experiment.
 *
 * @throws InputError if it was never run, or the file is damaged
 */
export function readExperiment(name: string, folder: string = experimentsFolder): ExperimentResult {
  const path = resultPath(folder, name);
  assertInput(existsSync(path), `readExperiment: there is no ${path}; make it by \`posediff experiment ${name}\``);
  let result: ExperimentResult | undefined;
  try {
    result = JSON.parse(readFileSync(path, "utf8")) as ExperimentResult;
  } catch {
    // told below
  }
  if (result?.experiment !== name || typeof result.parts !== "object" || result.parts === null)
    throw new InputError(`readExperiment: ${path} is damaged; delete it and run \`posediff experiment ${name}\` again`);
  return result;
}

/** The stored result, for walkthroughs: where it was never measured, say by which command and go on without it. */
export function storedExperiment(name: string, folder: string = experimentsFolder): ExperimentResult | undefined {
  if (existsSync(resultPath(folder, name))) return readExperiment(name, folder);
  console.log(`not measured yet: npx posediff experiment ${name}`);
  return undefined;
}

/** The models that an experiment reads, by file name, with the digest of their arrays; "missing" where there is none. */
export const modelsRead = ({ reads = [] }: Experiment): Record<string, string> =>
  Object.fromEntries(reads.map((path) => [basename(path), existsSync(path) ? modelDigest(path) : "missing"]));

/** Version of the embedded data that an experiment is measured on. */
export const dataVersionOf = ({ photos }: Experiment): number =>
  photos ? proceduralPhotoVersion : proceduralDataVersion;

/** Why a stored result says nothing of the library as it is now; undefined if it does. */
export function staleness(experiment: Experiment, result: ExperimentResult): string | undefined {
  const version = dataVersionOf(experiment);
  if (result.dataVersion !== version)
    return `measured on version ${result.dataVersion} of the embedded data, which is now ${version}`;
  const changed = Object.entries(modelsRead(experiment)).find(([file, digest]) => result.models?.[file] !== digest);
  return changed && `measured with another ${changed[0]} than the one that is there now`;
}

export interface RunOptions {
  /** Folder of the result. */
  out?: string;
  /** Folder of the parts' training states. */
  work: string;
  signal: AbortSignal;
  /** Told which part is being measured, how far it is, and a note. */
  onProgress?: (part: string, index: number, count: number, share: number, note: string) => void;
}

function writeWhole(path: string, result: ExperimentResult): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.part`;
  writeFileSync(temporary, `${JSON.stringify(result, null, 1)}\n`);
  renameSync(temporary, path);
}

/**
 * Measure the parts that the stored result does not have yet, in their order, and store it after each. Results of
 * another version of the embedded data, or of other models, are measured anew.
 *
 * @returns the result; it is whole unless the signal was aborted
 */
export async function runExperiment(
  experiment: Experiment,
  { out = experimentsFolder, work, signal, onProgress }: RunOptions,
): Promise<ExperimentResult> {
  const path = resultPath(out, experiment.name);
  const stored = existsSync(path) ? readExperiment(experiment.name, out) : undefined;
  const kept = stored && staleness(experiment, stored) === undefined ? stored : undefined;
  const result: ExperimentResult = {
    experiment: experiment.name,
    title: experiment.title,
    question: experiment.question,
    command: `posediff experiment ${experiment.name}`,
    dataVersion: dataVersionOf(experiment),
    models: modelsRead(experiment),
    machine: `${cpus().length} CPU cores, backend ${backendReport().backend}`,
    minutes: { ...kept?.minutes },
    parts: { ...kept?.parts },
  };
  const parts = experiment.parts();
  for (const [index, part] of parts.entries()) {
    if (part.name in result.parts) continue;
    if (signal.aborted) break;
    const folder = join(work, experiment.name, part.name);
    mkdirSync(folder, { recursive: true });
    const clock = join(folder, "minutes.txt"); // of earlier sittings
    const before = existsSync(clock) ? Number(readFileSync(clock, "utf8")) : 0;
    const began = performance.now();
    const minutes = (): number => before + (performance.now() - began) / 60_000;
    try {
      result.parts[part.name] = await part.measure({
        folder,
        signal,
        progress: (share, note) => onProgress?.(part.name, index, parts.length, share, note),
      });
    } catch (error) {
      writeFileSync(clock, String(minutes()));
      if (error instanceof Interrupted) break;
      throw error;
    }
    result.minutes[part.name] = Number(minutes().toFixed(2));
    writeWhole(path, result);
  }
  return result;
}
