/**
 * @file Kernels that the wasm backend lacks and that gradients of the networks need: the gradient of `gather`
 * (UnsortedSegmentSum) and that of a convolution by its filter (Conv2DBackpropFilter). Plain loops over the heap.
 */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm/dist/backend_wasm";
import type {
  Conv2DBackpropFilterAttrs,
  KernelConfig,
  KernelFunc,
  Tensor4D,
  TensorInfo,
  UnsortedSegmentSumAttrs,
} from "@tensorflow/tfjs-core";
import { unsortedSegmentSum } from "./segmentSum";

type TensorFlow = typeof import("@tensorflow/tfjs");

/**
 * Register the missing kernels for the wasm backend. Kernels that a later version of the backend brings itself stay,
 * and so a second call changes nothing.
 */
export function registerWasmGradientKernels(tf: TensorFlow): void {
  const missing: KernelConfig[] = [
    { backendName: "wasm", kernelName: "UnsortedSegmentSum", kernelFunc: segmentSumKernel },
    { backendName: "wasm", kernelName: "Conv2DBackpropFilter", kernelFunc: filterGradientKernel(tf) },
  ];
  for (const kernel of missing) if (!tf.getKernel(kernel.kernelName, "wasm")) tf.registerKernel(kernel);
}

/** output[s] = Σ_{i: ids[i] = s} x[i]; negative ids are dropped. */
const segmentSumKernel: KernelFunc = ({ inputs, attrs, backend }) => {
  const { x, segmentIds } = inputs as unknown as { x: TensorInfo; segmentIds: TensorInfo };
  const { numSegments } = attrs as unknown as UnsortedSegmentSumAttrs;
  const wasm = backend as BackendWasm;
  const rowShape = x.shape.slice(segmentIds.shape.length);
  const output = wasm.makeOutput([numSegments, ...rowShape], x.dtype);
  // The views are taken after makeOutput, which may grow the heap and so cut older views off.
  const ids = wasm.typedArrayFromHeap(segmentIds) as Int32Array;
  unsortedSegmentSum(wasm.typedArrayFromHeap(x), ids, wasm.typedArrayFromHeap(output));
  return output;
};

/** dW[i, j, c, o] = Σ_{b, y, x} input[b, y·stride + i − pad, x·stride + j − pad, c] · dOut[b, y, x, o], NHWC. */
const filterGradientKernel =
  (tf: TensorFlow): KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const { x, dy } = inputs as unknown as { x: TensorInfo; dy: TensorInfo };
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = attrs as unknown as Conv2DBackpropFilterAttrs;
    const convolution = tf.backend_util.computeConv2DInfo(
      x.shape as Tensor4D["shape"],
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
      false,
      tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = convolution;
    const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = convolution;
    if (convolution.dataFormat !== "channelsLast") throw new Error("Conv2DBackpropFilter on wasm: only NHWC is known");
    const wasm = backend as BackendWasm;
    const output = wasm.makeOutput(filterShape, "float32");
    const sums = wasm.typedArrayFromHeap(output) as Float32Array;
    const input = wasm.typedArrayFromHeap(x) as Float32Array;
    const outGradient = wasm.typedArrayFromHeap(dy) as Float32Array;
    sums.fill(0);
    for (let b = 0; b < batchSize; b++)
      for (let y = 0; y < outHeight; y++)
        for (let i = 0; i < filterHeight; i++) {
          const inY = y * strideHeight + i - padInfo.top;
          if (inY < 0 || inY >= inHeight) continue;
          for (let z = 0; z < outWidth; z++)
            for (let j = 0; j < filterWidth; j++) {
              const inX = z * strideWidth + j - padInfo.left;
              if (inX < 0 || inX >= inWidth) continue;
              const from = ((b * inHeight + inY) * inWidth + inX) * inChannels;
              const out = ((b * outHeight + y) * outWidth + z) * outChannels;
              addOuterProduct(
                sums,
                (i * filterWidth + j) * inChannels * outChannels,
                input,
                from,
                inChannels,
                outGradient,
                out,
                outChannels,
              );
            }
        }
    return output;
  };

/** sums[at + c·outChannels + o] += a[from + c] · b[out + o]. */
function addOuterProduct(
  sums: Float32Array,
  at: number,
  a: Float32Array,
  from: number,
  inChannels: number,
  b: Float32Array,
  out: number,
  outChannels: number,
): void {
  for (let c = 0; c < inChannels; c++) {
    const value = a[from + c] as number;
    const row = at + c * outChannels;
    for (let o = 0; o < outChannels; o++) (sums[row + o] as number) += value * (b[out + o] as number);
  }
}
