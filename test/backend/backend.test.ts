import { afterEach, expect, test, vi } from "vitest";
import { loadNative } from "../../src/backend/native";

const load = async (forced: string): Promise<typeof import("../../src/backend")> => {
  vi.resetModules();
  vi.stubEnv("POSEDIFF_BACKEND", forced);
  return await import("../../src/backend");
};

afterEach(() => vi.unstubAllEnvs());

test("an unknown backend is one sentence that names the known ones", async () => {
  await expect(load("cuda")).rejects.toThrow("POSEDIFF_BACKEND: expected tensorflow, wasm, cpu, got cuda");
});

test("wasm computes on cpu until ready() is awaited, then on wasm", async () => {
  const { tf, ready, backendReport } = await load("wasm");
  expect(backendReport()).toMatchObject({ backend: "cpu", ready: false });
  expect([...tf.square([1, 2]).dataSync()]).toEqual([1, 4]);
  expect(await ready()).toMatchObject({ backend: "wasm", ready: true, failures: [] });
  expect(tf.getBackend()).toBe("wasm");
  expect([...tf.square([1, 2]).dataSync()]).toEqual([1, 4]);
});

test("cpu can be forced", async () => {
  const { tf, ready } = await load("cpu");
  expect(await ready()).toMatchObject({ backend: "cpu", failures: [] });
  expect(tf.getBackend()).toBe("cpu");
});

test("unforced, every better backend that is missing is told in one sentence", async () => {
  const { ready } = await load("");
  const { backend, failures } = await ready();
  expect(["tensorflow", "wasm", "cpu"]).toContain(backend);
  if (backend !== "tensorflow") expect(failures.length).toBeGreaterThanOrEqual(2);
  for (const sentence of failures) expect(sentence).toMatch(/^\S+ .+/);
});

test("a package that loads but brings no native backend is refused", async () => {
  const { tf } = await load("cpu");
  const had = tf.findBackend("tensorflow") !== null;
  const failure = loadNative(tf, { label: "an alias", path: "@tensorflow/tfjs" });
  if (!had) expect(failure).toContain("registers no «tensorflow» backend");
  expect(loadNative(tf, { label: "nothing", path: "/no/such/folder" })).toContain("is not there");
  expect(loadNative(tf, { label: "nothing", path: "no-such-package" })).toContain("is not installed");
});
