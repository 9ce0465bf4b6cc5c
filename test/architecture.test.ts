import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

/** Which folder (or top file) of src may import which; its own, `random` and `check` always. index.ts re-exports. */
const allowed: Record<string, string> = {
  check: "",
  random: "",
  formats: "",
  geometry: "",
  sde: "geometry",
  samplers: "sde geometry",
  estimation: "samplers sde geometry",
  metrics: "estimation samplers sde geometry",
  datasets: "geometry formats",
  backend: "",
  models: "backend geometry sde", // the score network needs σ(t): plain numbers, and sde knows nothing of networks
  training: "models backend formats geometry sde",
  viz: "geometry datasets",
  notebooks: "viz",
  papers: "viz training models backend metrics estimation samplers sde datasets formats geometry",
  cli: "papers notebooks viz training models backend metrics estimation samplers sde datasets formats geometry",
};
/** Tensors live only where gradients live. */
const withoutTensors = [
  "formats",
  "geometry",
  "sde",
  "samplers",
  "estimation",
  "metrics",
  "datasets",
  "viz",
  "notebooks",
];

const root = resolve(__dirname, "../src");
const room = (file: string): string => relative(root, file).split(sep)[0].replace(/\.ts$/, "");

test("imports go only where the table lets them", () => {
  const violations: string[] = [];
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts") || file === "index.ts") continue;
    const from = room(join(root, file));
    if (allowed[from] === undefined) violations.push(`src/${from} has no row in the table of this test`);
    const may = [from, "random", "check", ...(allowed[from] ?? "").split(" ")];
    const text = readFileSync(join(root, file), "utf8");
    for (const [, target] of text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)"([^"]+)"/g)) {
      const to = target.startsWith(".") ? room(resolve(dirname(join(root, file)), target)) : undefined;
      if (to !== undefined && !may.includes(to))
        violations.push(`src/${file} imports ${target}: no arrow ${from} → ${to}`);
      if (target.includes("tensorflow") && withoutTensors.includes(from))
        violations.push(`src/${file} imports ${target}: ${from} stays free of tensors`);
    }
  }
  expect(violations).toEqual([]);
});
