import { rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/check";
import { Rng } from "../../src/random";
import { mutate } from "./mutate";
import { type FuzzTarget, fuzzTargets } from "./targets";

/** Of every reader; 20,000 and more in all. */
const attempts = 800;
/** Each attempt decodes two whole images. */
const costly: Readonly<Record<string, number>> = { "NOCS meta.txt": 40, "HouseCat6D intrinsics.txt": 150 };
const attemptsOf = (name: string): number => costly[name] ?? attempts;
const fewestAttempts = 20_000;
/** Of processor time: the slowest was 80 ms. What waits forever runs into the test's own limit. */
const longestMs = 2_000;
const largestGrowth = 500 * 1024 * 1024;

/** What is wrong with an error: undefined for one InputError sentence that names the file. */
function complaint(error: unknown, path: string): string | undefined {
  if (!(error instanceof InputError)) return `${(error as Error).name}: ${(error as Error).message?.slice(0, 200)}`;
  const { message } = error;
  if (!message.includes(basename(path))) return `does not name ${basename(path)}: ${message.slice(0, 300)}`;
  if (/[\n\r]/.test(message)) return `is more than one line: ${JSON.stringify(message.slice(0, 300))}`;
  if (message.length > 1000) return `has ${message.length} characters: ${message.slice(0, 300)}`;
  return undefined;
}

async function fuzz({
  name,
  seeds,
  file,
  read,
}: FuzzTarget): Promise<{ problems: string[]; refused: number; done: number }> {
  const rng = new Rng(20_261_121).split(name);
  const problems = new Set<string>();
  let refused = 0;
  const count = attemptsOf(name);
  for (let i = 0; i < count && problems.size < 10; i++) {
    const seed = seeds[i % seeds.length];
    writeFileSync(file, mutate(seed, rng, seeds[rng.integer(seeds.length)]));
    const start = process.cpuUsage();
    const before = process.memoryUsage.rss();
    try {
      await read(file);
    } catch (error) {
      refused++;
      const problem = complaint(error, file);
      if (problem !== undefined) problems.add(`attempt ${i} ${problem}`);
    }
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    if (ms > longestMs) problems.add(`attempt ${i} took ${Math.round(ms)} ms`);
    const growth = process.memoryUsage.rss() - before;
    if (growth > largestGrowth) problems.add(`attempt ${i} took ${Math.round(growth / 2 ** 20)} MB`);
  }
  writeFileSync(file, seeds[0]);
  return { problems: [...problems], refused, done: count };
}

describe("damaged files: one sentence with the file's name, no hang, no flood of memory, no code run", async () => {
  const targets = await fuzzTargets();
  afterAll(() => rmSync(dirname(targets[0].file), { recursive: true }));

  it("tries enough of them", () => {
    const total = targets.reduce((sum, { name }) => sum + attemptsOf(name), 0);
    expect(total).toBeGreaterThanOrEqual(fewestAttempts);
  });
  it.each(targets.map((target) => [target.name, target] as const))(
    "%s",
    async (_name, target) => {
      for (const seed of target.seeds.slice(0, 1)) {
        writeFileSync(target.file, seed);
        await target.read(target.file); // the seed itself is read
      }
      const { problems, refused, done } = await fuzz(target);
      expect(problems).toEqual([]);
      expect(refused).toBeGreaterThan(done / 20);
      expect(Object.keys(Object.prototype)).toEqual([]); // no "__proto__" of a file got through
    },
    300_000,
  );
});
