import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ready } from "../../src/backend";
import { command as mergeCommand } from "../../src/cli/evaluateMerge";
import { command } from "../../src/cli/evaluateTemplates";
import { encodePng } from "../../src/formats/png";
import { rasterize } from "../../src/geometry/rasterize";
import { lookAtRotation, templateDirections } from "../../src/geometry/viewpoint";

const root = mkdtempSync(join(tmpdir(), "posediff-evaluate-templates-"));
afterAll(() => rmSync(root, { recursive: true }));
const backbone = `vit:${join(__dirname, "..", "fixtures", "formats", "vit-tiny", "dinov2")}`;

function write(name: string, content: string | Uint8Array): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** A tetrahedron in millimetres with a colour at each corner. */
const corners = [
  [60, 0, 10],
  [-30, 50, 0],
  [-20, -60, -10],
  [0, 0, 80],
];
const faces = [
  [0, 2, 1],
  [0, 1, 3],
  [1, 2, 3],
  [2, 0, 3],
];
const ply = (colors: readonly number[][]): string =>
  `ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nproperty uchar red\nproperty uchar green\nproperty uchar blue\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n${corners.map((c, i) => [...c, ...colors[i]].join(" ")).join("\n")}\n${faces.map((f) => `3 ${f.join(" ")}`).join("\n")}\n`;

const views = [templateDirections("half")[40], templateDirections("half")[200]];

beforeAll(async () => {
  await ready();
  const warm = [[255, 0, 0], [255, 120, 0], [255, 255, 0], [120, 0, 0]]; // biome-ignore format: one line a model
  const cold = [[0, 0, 255], [0, 120, 255], [0, 255, 255], [0, 0, 120]]; // biome-ignore format: one line a model
  write("models/obj_000001.ply", ply(warm));
  write("models/obj_000002.ply", ply(cold));
  const info = { diameter: 140, min_x: -30, min_y: -60, min_z: -10, size_x: 90, size_y: 110, size_z: 90 };
  write("models/models_info.json", JSON.stringify({ 1: info, 2: info }));
  const camera = { fx: 200, fy: 200, cx: 79.5, cy: 59.5, width: 160, height: 120 };
  const vertices = Float64Array.from(corners.flat(), (mm) => mm / 1000);
  const [cameras, truth, visible]: Record<string, unknown>[] = [{}, {}, {}];
  for (const [i, view] of views.entries()) {
    const rotation = lookAtRotation(view);
    const mesh = { vertices, triangles: Uint32Array.from(faces.flat()) };
    const { triangle } = rasterize([{ mesh, pose: { rotation, translation: [0, 0, 0.4] } }], camera);
    const rgb = new Uint8Array(3 * 160 * 120);
    const paint = i === 0 ? warm : cold;
    triangle.forEach((t, p) => {
      if (t >= 0) rgb.set(paint[faces[t][0]], 3 * p);
    });
    write(`test/000001/rgb/00000${i}.png`, await encodePng({ width: 160, height: 120, channels: 3, data: rgb }));
    cameras[i] = { cam_K: [200, 0, 79.5, 0, 200, 59.5, 0, 0, 1], depth_scale: 1 };
    truth[i] = [{ obj_id: i + 1, cam_R_m2c: rotation, cam_t_m2c: [0, 0, 400] }];
    visible[i] = [{ bbox_obj: [1, 2, 10, 20], bbox_visib: [1, 2, 10, 20], px_count_all: 9, px_count_valid: 9, px_count_visib: 9, visib_fract: 0.95 }]; // biome-ignore format: as the file has it
  }
  cameras[2] = cameras[0]; // an image without its picture
  truth[2] = truth[0];
  visible[2] = visible[0];
  write("test/000001/scene_camera.json", JSON.stringify(cameras));
  write("test/000001/scene_gt.json", JSON.stringify(truth));
  write("test/000001/scene_gt_info.json", JSON.stringify(visible));
});

/** Runs a command and returns what it printed. */
async function printed(args: string[]): Promise<string> {
  const program = new Command().exitOverride();
  for (const add of [command, mergeCommand]) add(program);
  const lines: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => void lines.push(String(line)));
  try {
    await program.parseAsync(["evaluate", ...args], { from: "user" });
  } finally {
    log.mockRestore();
  }
  return lines.join("\n");
}

const run = (...args: string[]): Promise<string> => printed(["templates", "--root", root, ...args]);

interface Table {
  title: string;
  columns: string[];
  rows: { name: string; values: (number | null)[] }[];
}

/** A number of a report. */
const figure = (report: { tables: Table[] }, table: number, row: string, column: string): number | null => {
  const { rows, columns } = report.tables[table];
  return rows.find(({ name }) => name === row)!.values[columns.indexOf(column)];
};

describe("posediff evaluate templates", () => {
  const small = ["--backbone", backbone, "--size", "56", "--grid", "8"];

  test("prints scores, tells what it left out, and finds its store again", async () => {
    const store = ["--store", join(root, "store")];
    const report = JSON.parse(await run(...small, ...store, "--json"));
    expect(report).toMatchObject({ protocol: "templates", missing: ["test/000001/000002"] });
    expect(report.notes.at(-1)).toContain("602 templates");
    expect(figure(report, 0, "all queries", "queries")).toBe(2);
    expect(figure(report, 1, "all objects", "Acc15 with class")).toBeGreaterThanOrEqual(0);
    const text = await run(...small, ...store);
    expect(text).toContain("images that could not be looked at: 1 (test/000001/000002)");
    expect(text).toContain("means over the objects, %");
  }, 120_000);

  test("gives poses and their VSD recall, and one half of the images", async () => {
    const report = JSON.parse(await run(...small, "--vsd", "--paper-split", "lm-2", "--json"));
    // Objects 1 and 2 are both seen in split 2.
    expect(figure(report, 1, "lm-2, seen", "Acc15 with class")).toBe(
      figure(report, 1, "all objects", "Acc15 with class"),
    );
    expect(figure(report, 1, "lm-2, unseen", "Acc15 with class")).toBeNull();
    const [first, second] = ["object 1", "object 2"].map((name) => figure(report, 2, name, "recall")!);
    expect(figure(report, 1, "lm-2, seen", "VSD recall")).toBeCloseTo((first + second) / 2, 12);
    expect(report.notes.join()).toContain("rendered from the true poses in 2 of 2 images");
    const odd = await run(...small, "--vsd", "--translation", "true", "--half", "odd");
    expect(odd).toContain("rendered from the true poses in 1 of 1 images");
    expect(odd).toContain("object 2");
    expect(odd).not.toContain("object 1");
  }, 120_000);

  test("shards merge to the figures of the whole, to the last bit", async () => {
    const asked = [...small, "--store", join(root, "store"), "--vsd", "--paper-split", "lm-1"];
    const whole = JSON.parse(await run(...asked, "--json"));
    const files = [1, 0].map((index) => join(root, `part${index}.${index ? "jsonl" : "csv"}`));
    for (const [i, out] of files.entries())
      expect(await run(...asked, "--shard", `${1 - i}/2`, "--out", out)).toContain("1 queries of shard");
    const merged = JSON.parse(await printed(["merge", ...files, "--json"]));
    expect(merged).toEqual({ ...whole, notes: whole.notes.slice(0, -1) }); // but for what this machine took
    await expect(run(...asked, "--shard", "0/2")).rejects.toThrow("give --out FILE");
    await expect(printed(["merge", ...files, "--protocol", "nocs"])).rejects.toThrow(
      "these are matches with templates, of which --protocol nocs makes nothing",
    );
  }, 120_000);

  test.each([
    [["--half", "third"], "use even, odd"],
    [["--translation", "guess"], "use projective, true"],
    [["--in-plane", "0"], "give a whole number of at least 1"],
    [["--paper-split", "lm-4"], "use lm-1, lm-2, lm-3, tless"],
    [["--views", "some"], "use half, full, train, dense"],
    [["--threshold", "x"], "give a number from -1 to 1"],
    [["--objects", "9"], "there is no object 9"],
    [["--split", "train"], "there is no such folder"],
    [["--backbone", "resnet"], "give efficientnet-lite0, diffusion"],
    [["--aggregation", "nowhere.safetensors"], "nowhere.safetensors"],
    [["--aggregation", "nowhere.safetensors", "--layers", "3"], "leave --backbone and --layers out"],
    [["--grid", "0"], "give a whole number of at least 1"],
  ])("%j is told in a sentence", async (args, sentence) => {
    await expect(run(...args)).rejects.toThrow(sentence);
  });
});
