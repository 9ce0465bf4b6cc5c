import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, describe, expect, test } from "vitest";
import { findPython } from "../../src/cli/findPython";
import { runProgram } from "../../src/cli/runProgram";
import { setupNativeTensorFlow } from "../../src/cli/setup/nativeTensorFlow";
import { unzip } from "../../src/cli/setup/zip";

const folder = mkdtempSync(join(tmpdir(), "posediff-setup-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("unzip", () => {
  const archive = join(folder, "a.whl");
  const long = new TextEncoder().encode("header ".repeat(1000));
  writeFileSync(
    archive,
    zipSync({ "lib/a.h": long, "lib/b.h": [new Uint8Array([1, 2]), { level: 0 }], "c.txt": long }),
  );

  test("writes the chosen entries, packed or stored, and leaves the others", () => {
    const written = unzip(archive, (name) => (name.endsWith(".h") ? join(folder, "out", name) : undefined));
    expect(written).toBe(2);
    expect(new Uint8Array(readFileSync(join(folder, "out/lib/a.h")))).toEqual(long);
    expect([...readFileSync(join(folder, "out/lib/b.h"))]).toEqual([1, 2]);
    expect(existsSync(join(folder, "out/c.txt"))).toBe(false);
  });

  test("says of a file that was cut short, or is none, that it must be fetched again", () => {
    const cut = join(folder, "cut.whl");
    writeFileSync(cut, readFileSync(archive));
    truncateSync(cut, 60);
    expect(() => unzip(cut, () => join(folder, "x"))).toThrow("download it again");
    writeFileSync(cut, "");
    expect(() => unzip(cut, () => join(folder, "x"))).toThrow("download it again");
  });

  test("writes nothing outside, whatever an archive calls its members", () => {
    const sly = join(folder, "sly.whl");
    for (const name of ["../x.h", "a/../../x.h", "/x.h", "..\\x.h"]) {
      writeFileSync(sly, zipSync({ [name]: long }));
      expect(() => unzip(sly, () => join(folder, "out", name))).toThrow("leads out of its folder; download it again");
    }
    expect(existsSync(join(folder, "x.h"))).toBe(false);
  });
});

describe("runProgram", () => {
  test("returns what was printed", () => {
    expect(runProgram(process.execPath, ["-e", "console.log(7)"])).toEqual({ ok: true, stdout: "7\n", failure: "" });
  });

  test.each([
    ["a missing program", "no-such-program", [], {}, "no-such-program is not installed"],
    ["a failure's last telling line", process.execPath, ["-e", "throw new Error('broken')"], {}, "Error: broken"],
    ["a limit", process.execPath, ["-e", "setTimeout(() => {}, 9e4)"], { limitSeconds: 0.3 }, "took longer than 0.3 s"],
    ["a silent failure", process.execPath, ["-e", "process.exit(4)"], {}, "ended with code 4"],
  ])("tells %s in a sentence", (_what, program, args, options, sentence) => {
    const result = runProgram(program, args, options);
    expect(result.ok).toBe(false);
    expect(result.failure).toContain(sentence);
  });
});

test("a Python without a module is not taken for one that has it", () => {
  expect(findPython(["surely_no_such_module"])).toBeUndefined();
});

const projectRoot = join(__dirname, "..", "..");

test.skipIf(!existsSync(join(projectRoot, ".native", "node_modules")))("a second set-up returns at once", () => {
  const lines: string[] = [];
  const { ok, sentences } = setupNativeTensorFlow(projectRoot, { log: (line) => lines.push(line) });
  expect(ok).toBe(true);
  expect(sentences).toEqual(["the native backend is there and works"]);
  expect(lines).toEqual([]);
});
