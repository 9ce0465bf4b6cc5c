import { InputError } from "../check";

/** A record's entry by the name that an option has. @throws InputError that lists the names */
export function named<T>(command: string, option: string, record: Readonly<Record<string, T>>, name: string): T {
  if (!Object.hasOwn(record, name))
    throw new InputError(`${command}: --${option} is "${name}"; use ${Object.keys(record).join(", ")}`);
  return record[name] as T;
}
