/**
 * @file `posediff evaluate` and what lies below it, each in a file of its own that is loaded only when it is asked for.
 */
import type { Command } from "commander";

/** The command `evaluate`, made when its first part registers. */
export function evaluateGroup(program: Command): Command {
  const there = program.commands.find((command) => command.name() === "evaluate");
  // Options after a subcommand's name are its own, also where `evaluate` has one of the same name.
  return there ?? program.command("evaluate").enablePositionalOptions();
}
