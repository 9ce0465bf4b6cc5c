import { InputError } from "../check";

/** A record's entry by the name that an option has. @throws InputError that lists the names */
export function named<T>(command: string, option: string, record: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(record, name))
    throw new InputError(`${command}: --${option} is "${name}"; use ${Object.keys(record).join(", ")}`);
  return record[name] as T;
}

/** One of a list of names. @throws InputError that lists them */
export const oneOf = <T extends string>(command: string, option: string, names: readonly T[], name: string): T =>
  named(command, option, Object.fromEntries(names.map((one) => [one, one])) as Record<string, T>, name);
