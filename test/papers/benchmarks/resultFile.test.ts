import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/check";
import { readResults, writeResults } from "../../../src/papers/benchmarks/resultFile";
import { inShard, type Shard, shardOf, wholeShard } from "../../../src/papers/benchmarks/shard";

const folder = mkdtempSync(join(tmpdir(), "posediff-results-"));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** Seven images with two rows each, as far as they are of the shard. */
function write(name: string, shard: Shard, settings: Record<string, unknown> = { seed: 0 }): string {
  const writer = writeResults(path(name), { kind: "poses", settings, shard });
  for (let at = 0; at < 7; at++) {
    if (!inShard(shard, at)) continue;
    if (at === 4) writer.miss("image 4");
    else for (const k of [0, 1]) writer.write({ at, image: `image ${at}`, row: { value: Math.sin(at + k) / 3 } });
  }
  writer.end();
  return path(name);
}

describe("results in files", () => {
  test("shards, in any order, hold what one run holds, bit for bit", () => {
    const whole = readResults([write("whole.jsonl", wholeShard)]);
    const shards = [2, 0, 1].map((index) => write(`${index}.jsonl`, { index, count: 3 }));
    expect(readResults(shards)).toEqual({ ...whole, fileOf: expect.any(Function) });
    expect(whole.rows).toHaveLength(12);
    expect(whole.rows[3].row.value).toBe(Math.sin(2) / 3);
    expect(whole.missing).toEqual(["image 4"]);
  });

  test("a file that an editor put a byte order mark before is read as it was", () => {
    const marked = write("marked.jsonl", wholeShard);
    const text = readFileSync(marked, "utf8");
    const before = readResults([marked]);
    writeFileSync(marked, `\uFEFF${text}`);
    expect(readResults([marked])).toEqual({ ...before, fileOf: expect.any(Function) });
  });

  test("csv holds what lines of JSON hold, bit for bit, and merges with them", () => {
    const pose = Array.from({ length: 12 }, (_, i) => Math.sin(i) / 3);
    const truth = {
      object: 'a "b", c#1',
      category: "mug",
      pose,
      size: [1e-300, 0.1 + 0.2, 5e-324],
      handleVisible: false,
    };
    const prediction = {
      category: "mug",
      score: 1 / 3,
      pose: [...pose, null],
      hypotheses: [pose, pose],
      energies: { rotation: [-1e21, 2], translation: [3, 4] },
    };
    const one = (name: string, shard: Shard): string => {
      const writer = writeResults(path(name), { kind: "poses", settings: { of: 'x,"y"\n' }, shard });
      for (let at = shard.index; at < 4; at += shard.count) {
        writer.write({ at, image: `scene ${at}\n`, row: { truth } });
        writer.write({ at, image: `scene ${at}\n`, row: { prediction } });
      }
      writer.miss("image, 9");
      writer.end();
      return path(name);
    };
    const { fileOf: _, ...json } = readResults([one("same.jsonl", wholeShard)]);
    expect(readResults([one("same.csv", wholeShard)])).toMatchObject(json);
    expect(readResults([one("h0.csv", { index: 0, count: 2 }), one("h1.jsonl", { index: 1, count: 2 })]).rows).toEqual(
      json.rows,
    );
    const lines = readFileSync(path("same.csv"), "utf8").split("\n");
    expect(lines[1]).toMatch(/^at,image,row,object,category,score,pose,size,/);
    expect(lines[2]).toContain('"a ""b"", c#1",mug,,"[0,');
    expect(lines).toHaveLength(2 + 8 + 1 + 1);
    writeFileSync(path("crlf.csv"), lines.join("\r\n"));
    expect(readResults([path("crlf.csv")]).rows).toEqual(json.rows);
    for (const [from, to, sentence] of [
      ["mug,", "mug,,", /line 3: 15 cells, expected 14 \(at, image, row/],
      ['"[0,', '"[x,', /line 3, pose: this cell is damaged/],
      [",mug", "mug", /line 3: a quote is not closed or stands within a cell/],
      ["at,image", "image,at", /line 2: expected the columns at,image/],
    ] as const) {
      writeFileSync(path("bad.csv"), lines.join("\n").replace(from, to));
      expect(() => readResults([path("bad.csv")])).toThrow(sentence);
    }
    expect(() => writeResults(path("x.csv"), { kind: "other", settings: {}, shard: wholeShard })).toThrow(
      /kind "other" are not written as csv; give a name that ends in .jsonl/,
    );
  });

  const cases: [string, () => string[], RegExp][] = [
    ["a shard that is missing", () => [write("a", { index: 0, count: 3 }), write("b", { index: 2, count: 3 })], /a: of its 3 shards 1 are missing \(1\/3\)/],
    ["a shard that is there twice", () => [write("a", { index: 0, count: 2 }), write("b", { index: 0, count: 2 })], /b: shard 0\/2 is in .*a too/],
    ["shards of different cuts", () => [write("a", { index: 0, count: 2 }), write("b", { index: 1, count: 3 })], /b: this is shard 1\/3, .*a is 0\/2/],
    ["shards of different runs", () => [write("a", { index: 0, count: 2 }), write("b", { index: 1, count: 2 }, { seed: 1 })], /b: it is of another run than .*a \(seed is 0 there and 1 here\)/],
    ["no file", () => [], /got no file/],
    ["a file that is not there", () => [path("nowhere")], /nowhere: there is no such file/],
    ["a folder", () => [folder], /this is a folder/],
    ["another file", () => [damaged("other", () => "scene_id,im_id\n1,2\n")], /other: this is no file of results/],
    ["an empty file", () => [damaged("empty", () => "")], /empty: this file is empty/],
    ["a file that was cut", () => [damaged("cut", (text) => text.slice(0, text.lastIndexOf('{"end"')))], /cut: it ends after 12 rows without its last line/],
    ["a file that was cut inside a row", () => [damaged("torn", (text) => text.slice(0, text.length / 2))], /torn, line \d+: this line is no JSON/],
    ["a row that is lost", () => [damaged("lost", (text) => text.split("\n").toSpliced(3, 1).join("\n"))], /lost: it ends after 11 rows/],
    ["rows in disorder", () => [damaged("disorder", (text) => { const lines = text.split("\n"); return [lines[0], lines[5], ...lines.slice(1, 5), ...lines.slice(6)].join("\n"); })], /disorder, line 3: image 0 comes after a later one/],
    ["a row of another shard", () => [damaged("alien", (text) => text.replace('"shard":"0/1"', '"shard":"0/2"'))], /alien, line \d+: image 1 is not of shard 0\/2/],
    ["another version", () => [damaged("later", (text) => text.replace('results":1', 'results":7'))], /later: it is of version 7/],
    ["more after the end", () => [damaged("more", (text) => `${text}{}\n`)], /more, line \d+: there is more after the last line/],
  ]; // biome-ignore format: a table

  const damaged = (name: string, damage: (text: string) => string): string => {
    const text = readFileSync(write("intact", wholeShard), "utf8");
    writeFileSync(path(name), damage(text));
    return path(name);
  };

  test.each(cases)("%s is one sentence", (_what, files, sentence) => {
    const paths = files();
    expect(() => readResults(paths)).toThrow(InputError);
    expect(() => readResults(paths)).toThrow(sentence);
  });

  describe.each(["jsonl", "csv"])("a run that was stopped, as %s", (extension) => {
    const pose = Array.from({ length: 12 }, (_, i) => Math.sin(i) / 3);
    /** Six images of two rows, the fourth missing; stopped before a step if so asked. */
    function run(name: string, { stopBefore = Infinity, seed = 0, resume = true } = {}): number {
      const header = { kind: "poses", settings: { seed }, shard: wholeShard };
      const writer = writeResults(path(`${name}.${extension}`), header, { resume });
      const known = new Set(writer.before.map(({ at }) => at));
      let step = 0;
      for (let at = 0; at < 6; at++) {
        if (known.has(at)) continue;
        if (at === 3) writer.miss("image 3");
        else
          for (const what of ["truth", "prediction"]) {
            if (step++ === stopBefore) return known.size;
            const row = { category: "mug", ...(what === "prediction" && { score: 1 / (3 + at) }), pose };
            writer.write({ at, image: `image ${at}`, row: { [what]: row } });
          }
      }
      writer.end();
      return known.size;
    }
    const bytes = (name: string): string => readFileSync(path(`${name}.${extension}`), "utf8");
    run("unbroken");

    test.each([0, 1, 2, 3, 6, 7, 8, 9])("goes on to the same bytes when stopped after %i rows", (stopBefore) => {
      run("broken", { stopBefore, resume: false });
      expect(run("broken")).toBe(Math.max(0, Math.ceil(stopBefore / 2) - 1));
      expect(bytes("broken")).toBe(bytes("unbroken"));
    });

    test("goes on where a row was cut, and begins anew where nothing is whole, all is there, or it is damaged", () => {
      const text = bytes("unbroken");
      const at = (length: number): number => {
        writeFileSync(path(`torn.${extension}`), text.slice(0, length));
        const known = run("torn");
        expect(bytes("torn")).toBe(text);
        return known;
      };
      expect(at(text.indexOf("image 2") + 3)).toBe(1);
      expect(at(text.indexOf("image 0") + 3)).toBe(0);
      expect(at(40)).toBe(0);
      expect(at(text.length - 3)).toBe(4);
      expect(at(text.length)).toBe(0);
      writeFileSync(path(`torn.${extension}`), text.slice(0, -20).replace("mug", 'm"ug'));
      expect(run("torn")).toBe(0);
      expect(bytes("torn")).toBe(text);
    });

    test("is not mixed with another run, nor with images that were missing then", () => {
      run("other", { stopBefore: 5 });
      expect(() => run("other", { seed: 1 })).toThrow(/an unfinished run lies there.*seed is 0 there and 1 here/);
      expect(run("other", { seed: 1, resume: false })).toBe(0);
      run("found", { stopBefore: 9 });
      const header = { kind: "poses", settings: { seed: 0 }, shard: wholeShard };
      const writer = writeResults(path(`found.${extension}`), header, { resume: true });
      expect(() => writer.write({ at: 3, image: "image 3", row: { truth: { category: "mug", pose } } })).toThrow(
        /image 3 could not be looked at before this run was stopped, and now it can/,
      );
    });
  });

  test("another file is never written over, results are", () => {
    writeFileSync(path("mine.txt"), "my notes");
    expect(() => write("mine.txt", wholeShard)).toThrow(/mine.txt: this is there and is no file of results/);
    expect(() => write(join("nowhere", "a"), wholeShard)).toThrow(/cannot be written/);
    write("again", wholeShard);
    expect(readResults([write("again", wholeShard)]).rows).toHaveLength(12);
  });
});

describe("shards", () => {
  test("are named i/n", () => {
    expect(shardOf("x", "3/8")).toEqual({ index: 3, count: 8 });
    for (const text of ["8/8", "1", "-1/2", "0/0", "a/b", "1/2/3", ""])
      expect(() => shardOf("evaluate", text)).toThrow(/^evaluate: --shard is/);
  });

  test("hold every image once", () => {
    for (let at = 0; at < 20; at++)
      expect([0, 1, 2].filter((index) => inShard({ index, count: 3 }, at))).toHaveLength(1);
  });
});
