/**
 * @file Fixtures of pickles and checkpoints: those with a json hold what it says, those in `bad/` are refused.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assertInput, InputError } from "../../check";
import type { NdArray } from "../../formats/ndarray";
import { readPickle } from "../../formats/pickle";
import { readJson, readJsonObject } from "../../formats/readJson";
import { isTorchDict, readTorchCheckpoint, TorchTensor, type TorchValue } from "../../formats/torchCheckpoint";
import { openWeightFile } from "../../formats/weightFile";
import { type FixtureResult, guarded, isFileName, missing } from "./fixtureCheck";

const special: Readonly<Record<string, number>> = { NaN: Number.NaN, Infinity, "-Infinity": -Infinity };

const numpyNames: Readonly<Record<string, string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

const isArray = (value: unknown): value is NdArray =>
  typeof value === "object" && value !== null && "dtype" in value && "data" in value;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How many leaves agree, and the paths of those that do not. */
interface Tally {
  compared: number;
  different: string[];
}

function compareArray(tally: Tally, got: NdArray, dtype: string, shape: unknown, data: unknown, path: string): void {
  const expected = (Array.isArray(data) ? data.flat(32) : []) as unknown[];
  const single = (value: unknown): unknown => {
    if (dtype === "str" || dtype === "bytes") return value;
    const number = typeof value === "string" ? (special[value] ?? BigInt(value)) : value;
    if (typeof number === "boolean") return Number(number);
    return dtype === "float32" && typeof number === "number" ? Math.fround(number) : number;
  };
  const plain = (value: unknown): unknown =>
    typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
  tally.compared += 1 + expected.length;
  if (got.dtype !== dtype || got.shape.join() !== (shape as number[]).join() || got.data.length !== expected.length)
    tally.different.push(`${path} is ${got.dtype} [${got.shape.join(", ")}]`);
  else if (expected.some((value, i) => !Object.is(plain(got.data[i]), plain(single(value)))))
    tally.different.push(`${path} has other numbers`);
}

/** Compare a value with the json's notation: `__ndarray__`, `__scalar__`, `__tuple__`, `__bigint__`, `__bytes_latin1__`. */
function compare(tally: Tally, got: unknown, expected: unknown, path: string): void {
  if (!isRecord(expected)) {
    if (Array.isArray(expected)) {
      if (!Array.isArray(got) || got.length !== expected.length) tally.different.push(`${path} is no such list`);
      else for (const [i, item] of expected.entries()) compare(tally, got[i], item, `${path}[${i}]`);
      return;
    }
    tally.compared++;
    const number = typeof got === "number" && typeof expected === "string" ? special[expected] : undefined;
    if (!Object.is(got, number ?? expected)) tally.different.push(path);
  } else if ("__ndarray__" in expected) {
    const own = isRecord(expected.__ndarray__) ? expected.__ndarray__ : expected;
    const data = own.data_c_order ?? own.data;
    if (isArray(got)) compareArray(tally, got, String(own.dtype), own.shape, data, path);
    else tally.different.push(`${path} is no array`);
  } else if ("__scalar__" in expected) compare(tally, got, expected.value, path);
  else if ("__tuple__" in expected) compare(tally, got, expected.__tuple__, path);
  else if ("__bigint__" in expected) {
    tally.compared++;
    if (String(got) !== String(expected.__bigint__)) tally.different.push(path);
  } else if ("__bytes_latin1__" in expected) {
    tally.compared++;
    const text = got instanceof Uint8Array ? Buffer.from(got).toString("latin1") : undefined;
    if (text !== expected.__bytes_latin1__) tally.different.push(path);
  } else {
    const keys = (value: object): string => JSON.stringify(Object.keys(value).sort());
    if (!isRecord(got) || keys(got) !== keys(expected)) tally.different.push(`${path} has other keys`);
    else for (const [key, item] of Object.entries(expected)) compare(tally, got[key], item, `${path}.${key}`);
  }
}

/** All tensors of a checkpoint by their own names. */
function tensorsOf(value: TorchValue, into: Map<string, TorchTensor> = new Map(), name: string = ""): typeof into {
  if (value instanceof TorchTensor) into.set(name, value);
  else if (isTorchDict(value)) for (const [key, item] of Object.entries(value)) tensorsOf(item, into, key);
  return into;
}

function compareCheckpoint(tally: Tally, path: string, expected: Record<string, unknown>): void {
  const root = readTorchCheckpoint(path);
  const tensors = tensorsOf(root);
  const listed = expected.tensors as Record<string, { dtype: string; shape: number[]; data_c_order: unknown[] }>;
  if (tensors.size !== Object.keys(listed).length) tally.different.push(`${tensors.size} tensors`);
  for (const [name, { dtype, shape, data_c_order }] of Object.entries(listed)) {
    const tensor = tensors.get(name);
    if (!tensor) {
      tally.different.push(`${name} is missing`);
      continue;
    }
    const array = { dtype: numpyNames[tensor.dtype] ?? tensor.dtype, shape: [...tensor.shape], data: tensor.read() };
    compareArray(tally, array, dtype, shape, data_c_order, name);
  }
  if (isRecord(expected.meta) && isRecord(root))
    for (const [key, value] of Object.entries(expected.meta)) compare(tally, root[key], value, key);
}

/** Exact agreement of one file with the json of its name. */
function verifyValue(item: string, path: string, json: string): FixtureResult {
  const tally: Tally = { compared: 0, different: [] };
  const expected = readJson("weights verify", json);
  if (path.endsWith(".pkl")) compare(tally, readPickle(path), expected, "value");
  else compareCheckpoint(tally, path, expected as Record<string, unknown>);
  return {
    item,
    passed: tally.different.length === 0 && tally.compared > 0,
    compared: {
      quantities: 1,
      numbers: tally.compared,
      largestError: tally.different.length > 0 ? Number.NaN : 0,
      tolerance: { abs: 0, rel: 0 },
    },
    notes: tally.different.slice(0, 5),
  };
}

/** A file that must be refused, and is: the sentence of the reader that its name asks for. */
function verifyBad(item: string, path: string): FixtureResult {
  try {
    if (path.endsWith(".pkl")) readPickle(path);
    else for (const tensor of openWeightFile(path).tensors.values()) tensor.read();
  } catch (error) {
    const oneSentence = error instanceof InputError && !error.message.includes("\n") && error.message.includes(path);
    return { item, passed: oneSentence, notes: [(error as Error).message] };
  }
  return { item, passed: false, notes: ["not refused: it was read as if it were good"] };
}

/** What an `index.json` lists: a list of names, or an object by name. */
const namesIn = (listed: unknown): string[] =>
  (Array.isArray(listed) ? (listed as unknown[]) : Object.keys(isRecord(listed) ? listed : {})).filter(isFileName);

const jsonOf = (file: string): string => file.replace(/\.(pkl|pth)$/, ".json");

/** The files that an `index.json` lists, as paths within its folder, and the json that says what is in each. */
function listedFiles(folder: string): Map<string, string | undefined> {
  const { files, pth, bad } = readJsonObject("weights verify", join(folder, "index.json"));
  const expected = (file: string): string => {
    const own = isRecord(files) && isRecord(files[file]) ? files[file].expected : undefined;
    return isFileName(own) ? own : jsonOf(file);
  };
  const listed = new Map<string, string | undefined>();
  for (const file of namesIn(files)) listed.set(file, expected(file));
  for (const file of namesIn(pth)) listed.set(join("pth", file), join("pth", jsonOf(file)));
  for (const file of namesIn(bad)) listed.set(join("bad", file), undefined);
  assertInput(listed.size > 0, `weights verify: ${join(folder, "index.json")} lists no file; take the original file`);
  return listed;
}

/** A file that nothing is said of is read, whatever it holds. */
function verifyUnlisted(item: string, path: string): FixtureResult {
  if (path.endsWith(".pkl")) readPickle(path);
  else for (const tensor of openWeightFile(path).tensors.values()) tensor.read();
  const compared = { quantities: 0, numbers: 0, largestError: 0, tolerance: { abs: 0, rel: 0 } };
  return { item, passed: true, compared, notes: ["read, but no json says what is in it"] };
}

/** Every file of a folder with an `index.json`, listed or not: its values, then `bad/`. */
export async function verifyPickles(name: string, folder: string): Promise<FixtureResult[]> {
  const results: FixtureResult[] = [];
  const there = (file: string): boolean => existsSync(join(folder, file));
  let listed: ReturnType<typeof listedFiles> = new Map();
  const lost = await guarded(`${name}/index.json`, () => {
    listed = listedFiles(folder);
    const paths = [...listed].flatMap(([file, json]) => (json === undefined ? [file] : [file, json]));
    return paths.filter((path) => !there(path)).map((path) => missing(`${name}/${path}`, path, "index.json lists it"));
  });
  results.push(...lost);
  for (const part of ["", "pth"]) {
    if (!there(part)) continue;
    for (const file of readdirSync(join(folder, part)).sort()) {
      if (!/\.(pkl|pth)$/.test(file)) continue;
      const path = join(part, file);
      const json = listed.get(path) ?? jsonOf(path);
      if (listed.has(path) && !there(json)) continue; // told above
      const [item, from] = [`${name}/${path}`, join(folder, path)];
      const check = (): FixtureResult =>
        there(json) ? verifyValue(item, from, join(folder, json)) : verifyUnlisted(item, from);
      results.push(...(await guarded(item, () => [check()])));
    }
  }
  const bad = join(folder, "bad");
  if (existsSync(bad))
    for (const file of readdirSync(bad).sort()) results.push(verifyBad(`${name}/bad/${file}`, join(bad, file)));
  return results;
}
