import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { captureSample, captureStream } from "../../src/datasets/captureFolder";
import { put, putPng } from "./written/sets";

const root = mkdtempSync(join(tmpdir(), "posediff-captures-"));
afterAll(() => rmSync(root, { recursive: true }));
const size = { width: 20, height: 16 };
const camera = JSON.stringify({ fx: 60, fy: 60, cx: 10, cy: 8, ...size });

async function frame(prefix: string): Promise<void> {
  await putPng(root, `${prefix}depth.png`, { ...size, channels: 1, data: new Uint16Array(320).fill(500) });
  await putPng(root, `${prefix}mask.png`, { ...size, channels: 1, data: new Uint8Array(320).fill(1, 100, 200) });
  await putPng(root, `${prefix}color.png`, { ...size, channels: 3, data: new Uint8Array(960).fill(9) });
}

beforeAll(async () => {
  put(root, "camera.json", camera);
  await frame("mug2_");
  await frame("mug10_");
  put(root, "blue_bowl/camera.json", camera);
  await frame("blue_bowl/");
  put(root, "notes/readme.txt", "not a capture");
  put(root, "can/mask.png", "a mask without its depth");
});

it("streams frames side by side and folders of one, and names what lacks files", async () => {
  const missing: string[] = [];
  const samples: [string, string, number | undefined][] = [];
  const onMissing = (id: string, kinds: readonly string[]): number => missing.push(`${id}: ${kinds}`);
  for await (const { id, category, rgb } of captureStream(root, { onMissing })) samples.push([id, category, rgb?.[0]]);
  expect(samples).toEqual([
    ["./mug2", "mug", 9],
    ["./mug10", "mug", 9],
    ["blue_bowl", "bowl", 9],
  ]);
  expect(missing).toEqual(["can/.: depth,camera"]);
  await expect(captureStream(root).next()).resolves.toBeDefined();
});

it("asks for a category where no name tells it, and for photos of the depth image's size", async () => {
  await frame("thing_");
  await expect(captureSample(root, ".", "thing")).rejects.toThrow(/names a category; give one of bottle, bowl/);
  expect((await captureSample(root, ".", "thing", { category: "can" })).category).toBe("can");
  await putPng(root, "thing_color.png", { width: 2, height: 2, channels: 3, data: new Uint8Array(12) });
  await expect(captureSample(root, ".", "thing", { category: "can" })).rejects.toThrow(
    /color.png: 2 × 2 pixels, the depth image has 20 × 16/,
  );
});
