import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type FrameLayout, type IndexedFolder, indexFrames, streamFrames } from "../../src/datasets/frameIndex";
import { filesOf, framesByStem, numberedStems, subfolders } from "../../src/datasets/listFolder";
import { put } from "./written/sets";

const home = mkdtempSync(join(tmpdir(), "posediff-index-"));
afterAll(() => rmSync(home, { recursive: true }));
const [root, index] = [join(home, "data"), join(home, "index")];
for (const scene of ["a2", "a10"])
  for (const frame of ["0000", "0001"]) {
    put(root, `${scene}/${frame}_depth.png`, "");
    if (scene === "a2") put(root, `${scene}/${frame}_mask.png`, "");
  }

const listed: string[] = [];
const layout: FrameLayout = {
  name: "test",
  needed: ["depth"],
  folders: (from) => subfolders(from, "."),
  frames: (from, folder) => {
    listed.push(folder);
    return framesByStem(filesOf(from, folder), { depth: "_depth.png", mask: "_mask.png" });
  },
};
const expected: IndexedFolder[] = [
  { folder: "a2", frames: ["0000", "0001"].map((name) => ({ name, missing: [] })) },
  { folder: "a10", frames: ["0000", "0001"].map((name) => ({ name, missing: ["mask"] })) },
];
const run = (): IndexedFolder[] => {
  listed.length = 0;
  return [...indexFrames(layout, root, { index })];
};
const file = (): string => join(index, readdirSync(index)[0]);

describe("indexFrames", () => {
  it("lists folders in the order of their numbers, and lists nothing twice", () => {
    expect([...indexFrames(layout, root)]).toEqual(expected);
    expect(run()).toEqual(expected);
    expect(listed).toEqual(["a2", "a10"]);
    expect(run()).toEqual(expected);
    expect(listed).toEqual([]);
  });

  it("goes on where it was broken off, even in the middle of a line", () => {
    const [header, first, second] = readFileSync(file(), "utf8").split("\n");
    writeFileSync(file(), `${header}\n${first}\n${second.slice(0, second.length / 2)}`);
    expect(run()).toEqual(expected);
    expect(listed).toEqual(["a10"]);
    expect(run()).toEqual(expected);
    expect(listed).toEqual([]);
  });

  it("keeps what it has when the reader stops early", () => {
    rmSync(file());
    for (const { folder } of indexFrames(layout, root, { index })) if (folder === "a2") break;
    run();
    expect(listed).toEqual(["a10"]);
  });

  it("lists a folder anew when it has changed, and everything when the file is of another form", () => {
    utimesSync(join(root, "a2"), 1, 1);
    run();
    expect(listed).toEqual(["a2"]);
    writeFileSync(file(), "something else\n");
    expect(run()).toEqual(expected);
    expect(listed).toEqual(["a2", "a10"]);
    writeFileSync(file(), `${readFileSync(file(), "utf8").split("\n")[0]}\n["a2", 1, [[7]]]\n{}\n`);
    expect(run()).toEqual(expected);
  });

  it("does not write into the data set, and follows no link out of it", () => {
    expect(() => [...indexFrames(layout, root, { index: join(root, "cache") })]).toThrow(/name a folder outside of it/);
    rmSync(join(root, "cache"), { recursive: true });
    symlinkSync(tmpdir(), join(root, "b1"));
    expect(() => [...indexFrames(layout, root)]).toThrow(/this link leads outside of/);
    rmSync(join(root, "b1"));
    expect(() => [...indexFrames(layout, join(root, "nowhere"))]).toThrow(/there is no such folder; give the root/);
  });

  it("counts numbers that have no file", () => {
    expect(numberedStems(["0002", "x"], 4)).toEqual(["0000", "0001", "0002"]);
    expect(numberedStems([], 4, 2)).toEqual(["0000", "0001"]);
    expect(framesByStem(["0001_mask.png"], { mask: "_mask.png" }, ["0000"])).toEqual([
      { name: "0000", missing: ["mask"] },
      { name: "0001", missing: [] },
    ]);
  });
});

describe("a folder that cannot be listed", () => {
  const damaged: FrameLayout = {
    ...layout,
    frames: (at, folder) => {
      if (folder === "a2") throw new Error("a2 is damaged");
      return layout.frames(at, folder);
    },
  };

  it("is an error, or told of and passed over, and not kept in the index", () => {
    expect(() => [...indexFrames(damaged, root)]).toThrow("a2 is damaged");
    const told: string[] = [];
    const kept = join(home, "kept-damaged");
    const onUnreadable = ({ message }: Error) => told.push(message);
    const folders = () => [...indexFrames(damaged, root, { index: kept, onUnreadable })].map(({ folder }) => folder);
    expect(folders()).toEqual(folders());
    expect(folders()).not.toContain("a2");
    expect(told).toEqual(Array(3).fill("a2 is damaged"));
  });
});

describe("streamFrames", () => {
  it("reads one frame at a time, and only when it is asked for", async () => {
    const read: string[] = [];
    const stream = streamFrames(layout, root, async (folder, frame) => {
      read.push(`${folder}/${frame}`);
      return [1, 2];
    });
    expect(read).toEqual([]);
    await stream.next();
    await stream.next();
    expect(read).toEqual(["a2/0000"]);
    await stream.next();
    expect(read).toEqual(["a2/0000", "a2/0001"]);
  });
});
