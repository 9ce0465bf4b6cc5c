/**
 * @file All components that the library can be compared in, by name.
 */
import type { ParityRunner } from "./types";

/** Runner by component name. */
export const parityRunners: Readonly<Record<string, ParityRunner>> = {};
