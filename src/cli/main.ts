#!/usr/bin/env node
/**
 * @file The command line `posediff`. Each command lies in a file of its own, which is loaded only when it is asked for.
 */
import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { InputError } from "../check";

const commands = [
  "doctor",
  "setup",
  "notebooks",
  "lab",
  "train",
  "estimate",
  "estimate-rgb",
  "track",
  "evaluate",
  "experiment",
  "claims",
  "parity",
  "weights",
  "data",
  "bench",
];
/** Parts of commands that lie in files of their own: `evaluate bop` in evaluateBop.ts. */
const parts = ["evaluate-bop", "evaluate-merge", "evaluate-results", "evaluate-templates"];
const nodeRequire = createRequire(__filename);

interface CommandModule {
  command: (program: Command) => void;
}

/** `estimate-rgb` lies in estimateRgb.ts. */
const fileOf = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Exit codes: 0 done, 1 a failure of ours or a check that did not hold, 2 bad input. */
async function main(argv: readonly string[]): Promise<void> {
  const program = new Command("posediff")
    .description("6-D object pose estimation by diffusion")
    .version((nodeRequire("../../package.json") as { version: string }).version)
    .exitOverride();
  const part = parts.filter((name) => name === `${argv[2]}-${argv[3]}`);
  const asked = commands.filter((name) => name === argv[2]);
  const whole = asked.length > 0 ? [...asked, ...parts.filter((name) => name.startsWith(`${argv[2]}-`))] : commands;
  for (const name of part.length > 0 ? part : whole)
    (nodeRequire(`./${fileOf(name)}`) as CommandModule).command(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError)
      process.exitCode = error.exitCode === 0 ? 0 : 2; // it has printed its sentence
    else throw error;
  }
}

main(process.argv).catch((error: Error) => {
  console.error(error instanceof InputError || !process.env.DEBUG ? error.message : error.stack);
  process.exitCode = error instanceof InputError ? 2 : 1;
});
