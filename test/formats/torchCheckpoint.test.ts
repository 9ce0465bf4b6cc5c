import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { zipSync } from "fflate";
import { expect, test } from "vitest";
import { InputError } from "../../src/check";
import { isTorchDict, readTorchCheckpoint, TorchTensor, type TorchValue } from "../../src/formats/torchCheckpoint";
import { openWeightFile } from "../../src/formats/weightFile";

const folder = join(__dirname, "..", "fixtures", "formats", "pickles");
const legacy = join(folder, "..", "resnet34-tv", "stem_layer1.legacy-format.pth");
const numpyNames: Record<string, string> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  U8: "uint8",
  BOOL: "bool",
};

const entry = (value: TorchValue, key: string): TorchValue => {
  if (!isTorchDict(value)) throw new Error(`no dict with ${key}`);
  return value[key];
};

test.each([
  ["unusual_tensors", "state_dict"],
  ["cuda_location", "model_state_dict"],
])("%s.pth holds what its json says", (name, key) => {
  const root = readTorchCheckpoint(join(folder, "pth", `${name}.pth`));
  const expected = JSON.parse(readFileSync(join(folder, "pth", `${name}.json`), "utf8")) as {
    meta?: object;
    tensors: Record<string, { dtype: string; shape: number[]; data_c_order: number[] }>;
  };
  expect(root).toMatchObject(expected.meta ?? {});
  const tensors = entry(root, key);
  expect(Object.keys(tensors as object).sort()).toEqual(Object.keys(expected.tensors).sort());
  for (const [tensorName, { dtype, shape, data_c_order }] of Object.entries(expected.tensors)) {
    const tensor = entry(tensors, tensorName) as TorchTensor;
    expect(tensor, tensorName).toBeInstanceOf(TorchTensor);
    expect([numpyNames[tensor.dtype], tensor.shape], tensorName).toEqual([dtype, shape]);
    const single = dtype === "float32" ? Math.fround : (x: number): number => x;
    expect(Array.from(tensor.read(), Number), tensorName).toEqual(data_c_order.map(single));
  }
});

test("the form before PyTorch 1.6 gives the tensors of the other form", () => {
  const root = readTorchCheckpoint(legacy);
  const names = Object.keys(root as object);
  expect(names.slice(0, 2)).toEqual(["conv1.weight", "bn1.weight"]);
  const first = entry(root, "conv1.weight") as TorchTensor;
  expect(first.shape).toEqual([8, 3, 7, 7]);
  const numbers = first.read();
  expect(numbers.length).toBe(1176);
  // From bytes and by path: the same.
  const again = entry(readTorchCheckpoint(new Uint8Array(readFileSync(legacy))), "conv1.weight") as TorchTensor;
  expect(again.read()).toEqual(numbers);
});

test.each(readdirSync(join(folder, "bad")).filter((file) => file.endsWith(".pth")))("refuses bad/%s", (file) => {
  const path = join(folder, "bad", file);
  const read = (): unknown => readTorchCheckpoint(path);
  expect(read).toThrow(InputError);
  expect(read).toThrow(path);
  expect(read).not.toThrow(/\n/);
});

test("names what bad/os_system.pth wants to call", () => {
  expect(() => readTorchCheckpoint(join(folder, "bad", "os_system.pth"))).toThrow("refused posix.system:");
});

/** Reads every tensor of a value. */
function readAll(value: TorchValue): void {
  if (value instanceof TorchTensor) value.read();
  else if (Array.isArray(value)) value.forEach(readAll);
  else if (isTorchDict(value)) Object.values(value).forEach(readAll);
}

test.each([join(folder, "pth", "unusual_tensors.pth"), legacy])("%s damaged: a value or a sentence", (path) => {
  const whole = readFileSync(path);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), fc.boolean(), (at, byte, cut) => {
      const damaged = cut ? whole.subarray(0, at) : Buffer.from(whole);
      if (!cut) damaged[at] = byte;
      try {
        readAll(readTorchCheckpoint(damaged));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 300, seed: 1 },
  );
});

/** A checkpoint of the form before 1.6 with one tensor of a storage of one float. */
function withView(offset: number, shape: number[], stride: number[]): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value)]);
  const int = (value: number): Buffer => {
    const bytes = Buffer.alloc(6);
    bytes[0] = 0x8a;
    bytes[1] = 4;
    bytes.writeInt32LE(value, 2);
    return bytes;
  };
  const tuple = (...items: Buffer[]): Buffer => Buffer.concat([Buffer.from("("), ...items, Buffer.from("t")]);
  const id = tuple(text("storage"), Buffer.from("ctorch\nFloatStorage\n"), text("0"), text("cpu"), int(1));
  const args = tuple(
    Buffer.concat([id, Buffer.from("Q")]),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...stride.map(int)),
  );
  const tensor = Buffer.concat([Buffer.from("ctorch._utils\n_rebuild_tensor\n"), args, Buffer.from("R")]);
  const magic = Buffer.from("80028a0a6cfc9c46f9206aa850192e", "hex");
  const protocol = Buffer.from("80024de9032e", "hex");
  const pickles = [
    Buffer.from("}."),
    Buffer.concat([tensor, Buffer.from(".")]),
    Buffer.concat([Buffer.from("]"), text("0"), Buffer.from("a.")]),
  ];
  const storage = Buffer.alloc(12);
  storage.writeBigUInt64LE(1n, 0);
  storage.writeFloatLE(2.5, 8);
  return Buffer.concat([magic, protocol, ...pickles, storage]);
}

test("a view that reaches beyond its storage or repeats it without end is refused", () => {
  const good = readTorchCheckpoint(withView(0, [2, 3], [0, 0])) as TorchTensor;
  expect([...(good.read() as Float32Array)]).toEqual(new Array(6).fill(2.5));
  expect(() => readTorchCheckpoint(withView(1, [1], [1]))).toThrow("reaches to number 2 of a storage of 1");
  expect(() => readTorchCheckpoint(withView(0, [2], [1]))).toThrow("reaches to number 2");
  expect(() => readTorchCheckpoint(withView(0, [1 << 30], [0]))).toThrow("not honest");
  expect(() => readTorchCheckpoint(withView(0, [1 << 30, 1 << 30], [0, 0]))).toThrow("reaches");
  expect(() => readTorchCheckpoint(withView(-1, [1], [1]))).toThrow("never does");
});

test("a small archive whose description unfolds to more than 64 MB is refused before it is unpacked", () => {
  const small = zipSync({ "archive/data.pkl": new Uint8Array(2 ** 26 + 1) }, { level: 1 });
  expect(small.length).toBeLessThan(2 ** 20);
  expect(() => readTorchCheckpoint(small)).toThrow(/describes its tensors by 67108865 bytes, more than 67108864/);
});

test("of a list that is referred to a thousand times the first plain values are told", () => {
  const list = ["]", "(", "N".repeat(1000), "e", "q\x01"];
  const pickle = Buffer.from(["\x80\x02", "]", "(", ...list, "h\x01".repeat(999), "e."].join(""), "latin1");
  const folder = mkdtempSync(join(tmpdir(), "texts-"));
  const path = join(folder, "many.pth");
  writeFileSync(path, zipSync({ "archive/data.pkl": pickle }));
  const { texts } = openWeightFile(path);
  expect(Object.keys(texts).length).toBe(100_001);
  expect(texts["…"]).toBe("900000 more plain values");
  rmSync(folder, { recursive: true });
});

test("what is no checkpoint is refused in a sentence", () => {
  expect(() => readTorchCheckpoint(new Uint8Array())).toThrow("no PyTorch checkpoint");
  expect(() => readTorchCheckpoint(join(folder, "results_p2.pkl"))).toThrow("no PyTorch checkpoint");
  expect(() => readTorchCheckpoint(join(folder, "missing"))).toThrow("cannot open");
});
