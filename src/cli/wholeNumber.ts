import { assertInput } from "../check";

/** The value of a command-line option that must be a whole number. @throws InputError that names the option */
export function wholeNumber(command: string, option: string, text: string, least: number = 0): number {
  const value = Number(text);
  assertInput(
    text.trim() !== "" && Number.isInteger(value) && value >= least,
    `${command}: --${option} is "${text}"; give a whole number of at least ${least}`,
  );
  return value;
}
