import { join } from "node:path";

/** Path of a model that ships with the project, by its name in data/checkpoints. */
export const shippedCheckpoint = (name: string): string =>
  join(__dirname, "..", "..", "data", "checkpoints", `${name}.safetensors`);
