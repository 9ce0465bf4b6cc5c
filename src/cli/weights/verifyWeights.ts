/**
 * @file All fixtures of a folder: which kind each is follows from what lies in it, not from its name.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { assertInput } from "../../check";
import { Fixture, type FixtureResult, guarded, missing } from "./fixtureCheck";
import { verifyGenPose } from "./verifyGenPose";
import { verifyPickles } from "./verifyPickles";
import { verifyResNet } from "./verifyResNet";
import { verifyStableDiffusion } from "./verifyStableDiffusion";
import { verifyTransformer } from "./verifyTransformer";

/** Folders below this depth hold no fixtures. */
const deepest = 4;

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** A folder that holds the same weights as its neighbour, in the names of the current libraries: "sd-tiny-current". */
const current = "-current";

const isPipeline = (folder: string): boolean =>
  ["vae", "text_encoder", "unet"].some((part) => existsSync(join(folder, part, "config.json")));

/** Whether files of an ending lie in a folder, which need not be there. */
const holds = (folder: string, ending: string): boolean =>
  isFolder(folder) && readdirSync(folder).some((file) => file.endsWith(ending));

/** The checks of a folder with an `expected.json`. */
function verifyFixture(name: string, fixture: Fixture): FixtureResult[] | Promise<FixtureResult[]> {
  const { folder } = fixture;
  if (isPipeline(folder) || fixture.entry("reference", "unet")) return verifyStableDiffusion(name, folder, fixture);
  if (fixture.entry("reference", "native") || fixture.entry("onnx")) return verifyTransformer(name, fixture);
  if (fixture.entry("checkpoint")) return guarded(name, () => verifyGenPose(name, fixture));
  if (fixture.entry("files") && fixture.entry("reference", "stem")) return verifyResNet(name, fixture);
  return [{ item: name, passed: false, notes: [`${fixture.path} is of no kind that is known here`] }];
}

/** The checks of one folder; undefined where it holds no fixture. */
async function verifyFolder(name: string, folder: string): Promise<FixtureResult[] | undefined> {
  if (existsSync(join(folder, "expected.json")))
    return guarded(name, async () => {
      const fixture = new Fixture(folder);
      return [...(await guarded(name, () => verifyFixture(name, fixture))), ...fixture.missingArrays(name)];
    });
  const twin = folder.endsWith(current) ? folder.slice(0, -current.length) : undefined;
  if (isPipeline(folder) && twin && existsSync(join(twin, "expected.json")))
    return guarded(name, () => verifyStableDiffusion(name, folder, new Fixture(twin)));
  if (holds(join(folder, "reference"), ".npy"))
    return [missing(name, join(folder, "expected.json"), "nothing says what the arrays in reference/ are")];
  if (holds(join(folder, "bad"), ".pkl") || (existsSync(join(folder, "index.json")) && holds(folder, ".pkl")))
    return verifyPickles(name, folder);
  return undefined;
}

/**
 * Check every fixture below a folder, in alphabetical order.
 *
 * @param onResult called as soon as a check is done
 * @throws InputError if there is no such folder, or no fixture in it
 */
export async function verifyWeights(
  root: string,
  onResult: (result: FixtureResult) => void = () => {},
): Promise<FixtureResult[]> {
  assertInput(isFolder(root), `weights verify: ${root} is not a folder; give the folder that holds the fixtures`);
  const results: FixtureResult[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const name = relative(dirname(root), folder) === basename(root) ? basename(root) : relative(root, folder);
    const found = await verifyFolder(name, folder);
    if (found) {
      for (const result of found) onResult(result);
      results.push(...found);
    } else if (depth < deepest)
      for (const child of readdirSync(folder).sort())
        if (isFolder(join(folder, child))) await visit(join(folder, child), depth + 1);
  };
  await visit(root, 0);
  assertInput(
    results.length > 0,
    `weights verify: there is no fixture in ${root}: a folder with an expected.json, or an index.json and bad/`,
  );
  return results;
}
