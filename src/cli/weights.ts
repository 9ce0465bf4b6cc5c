/**
 * @file `posediff weights`: what lies in a file of weights, other people's weights as ours, and proof of the networks
 * that read them.
 */
import type { Command } from "commander";
import { ready } from "../backend";
import { dtypes } from "../formats/dtypes";
import { readOnnxGraph } from "../formats/onnxGraph";
import { readBytes } from "../formats/readBytes";
import { openWeightFile } from "../formats/weightFile";
import { convertToSafetensors } from "../papers/convertWeights";
import { convertGenPose } from "../papers/genPose";
import { halveModel } from "../training/checkpoint";
import { named } from "./named";
import type { FixtureResult } from "./weights/fixtureCheck";
import { verifyWeights } from "./weights/verifyWeights";

/** What `weights show` tells. */
interface Listing {
  format: string;
  tensors: { name: string; dtype: string; shape: readonly number[] }[];
  texts: Record<string, string>;
}

/** TensorProto.DataType of ONNX, by number. */
const onnxTypes: Readonly<Record<number, string>> = {
  1: "F32",
  2: "U8",
  3: "I8",
  6: "I32",
  7: "I64",
  9: "BOOL",
  10: "F16",
  11: "F64",
  16: "BF16",
};

function listingOf(path: string): Listing {
  if (path.endsWith(".onnx")) {
    const { nodes, initializers, inputs, outputs } = readOnnxGraph(readBytes(path), path);
    return {
      format: "ONNX",
      tensors: initializers.map(({ name, dataType, shape }) => ({
        name,
        shape,
        dtype: onnxTypes[dataType] ?? `type ${dataType}`,
      })),
      texts: { nodes: String(nodes.length), inputs: inputs.join(", "), outputs: outputs.join(", ") },
    };
  }
  const { format, tensors, texts } = openWeightFile(path);
  return { format, texts, tensors: [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape })) };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A text in one short line: what a file says must not steer the terminal. */
const short = (text: string): string => {
  const line = JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u007f-\u009f]/g, "·");
  return line.length > 100 ? `${line.slice(0, 97)}…` : line;
};

function show(path: string, { json }: { json?: boolean }): void {
  const listing = listingOf(path);
  if (json) {
    console.log(JSON.stringify(listing));
    return;
  }
  const width = listing.tensors.reduce((widest, { name }) => Math.max(widest, short(name).length), 0);
  for (const { name, dtype, shape } of listing.tensors)
    console.log(`${short(name).padEnd(width)}  ${dtype.padEnd(4)}  [${shape.join(", ")}]`);
  for (const [key, text] of Object.entries(listing.texts)) console.log(`# ${short(key)}: ${short(text)}`);
  const byType = new Map<string, number>();
  for (const { dtype, shape } of listing.tensors) byType.set(dtype, (byType.get(dtype) ?? 0) + sizeOf(shape));
  const numbers = [...byType.values()].reduce((a, b) => a + b, 0);
  const bytes = [...byType].reduce(
    (sum, [type, n]) => sum + n * (type in dtypes ? dtypes[type as keyof typeof dtypes].bytes : 4),
    0,
  );
  const types = [...byType].map(([type, n]) => `${n.toLocaleString("en")} ${type}`).join(", ");
  console.log(
    `${listing.format}: ${listing.tensors.length} arrays, ${numbers.toLocaleString("en")} numbers (${types || "none"}), ${(bytes / 1e6).toFixed(1)} MB`,
  );
}

const targets: Readonly<Record<string, (from: string, to: string) => string>> = {
  genpose: (from, to) => {
    const { parameters } = convertGenPose(from, to);
    return `${parameters.trainableCount.toLocaleString("en")} parameters of GenPose's encoder and score network (no regression head is in them)`;
  },
  half: (from, to) => {
    const { arrays, numbers } = halveModel(from, to);
    return `${arrays} arrays, ${numbers.toLocaleString("en")} numbers in half precision`;
  },
  safetensors: (from, to) => {
    const { arrays, numbers } = convertToSafetensors(from, to);
    return `${arrays} arrays, ${numbers.toLocaleString("en")} numbers`;
  },
};

function convert(from: string, to: string, options: { to: string }): void {
  const done = named("weights convert", "to", targets, options.to)(from, to);
  console.log(`${to}: ${done}`);
}

function line({ item, passed, compared, notes }: FixtureResult): string {
  const name = `${passed ? "✓" : "✗"}  ${item.padEnd(44)}`;
  if (!compared) return `${name} ${passed ? "refused" : "FAILED"}: ${notes.join("; ")}`;
  const { quantities, numbers, largestError, tolerance } = compared;
  const rule = tolerance.abs === 0 && tolerance.rel === 0 ? "exact" : `abs ${tolerance.abs} rel ${tolerance.rel}`;
  const error = tolerance.abs === 0 ? "" : `   largest error ${largestError.toExponential(1)}`;
  const count = `${quantities} ${quantities === 1 ? "quantity" : "quantities"}, ${numbers} numbers`;
  return `${name} ${count}${error}   tolerance ${rule}${passed ? notes.map((note) => `   ${note}`).join("") : `   FAILED: ${notes.join("; ")}`}`;
}

/** Exit code 1 if a check did not hold. */
async function verify(folder: string, { json }: { json?: boolean }): Promise<void> {
  await ready();
  const results = await verifyWeights(folder, (result) => {
    if (!json) console.log(line(result));
  });
  const failed = results.filter(({ passed }) => !passed).length;
  if (json) console.log(JSON.stringify(results, null, 1));
  else console.log(`${results.length - failed} of ${results.length} passed`);
  if (failed > 0) process.exitCode = 1;
}

export const command = (program: Command): void => {
  const weights = program
    .command("weights")
    .description("look into files of weights, convert them, verify what reads them");
  weights
    .command("show <file>")
    .description("names, types and shapes in a .safetensors, .pth (either form) or .onnx file; nothing in it is run")
    .option("--json", "print one JSON object")
    .action(show);
  weights
    .command("convert <file> <out>")
    .description(
      "GenPose's checkpoint as a model for estimate and track, any .pth as .safetensors, or a model of train in half its size",
    )
    .requiredOption("--to <form>", Object.keys(targets).join(" or "))
    .action(convert);
  weights
    .command("verify <folder>")
    .description("compute every fixture of a folder again and compare with the library that wrote it")
    .option("--json", "print one JSON list")
    .action(verify);
};
