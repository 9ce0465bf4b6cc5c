/**
 * @file Where the project lies: the folder of package.json, from src/ as from dist/.
 */
import { join } from "node:path";

/** The absolute path of the project. */
export const projectRoot = (): string => join(__dirname, "..", "..");
