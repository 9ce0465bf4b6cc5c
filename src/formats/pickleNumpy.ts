/**
 * @file The only callables that a pickle may name: what numpy arrays need, each rebuilt here in plain TypeScript.
 */
import { assertInput, type InputError } from "../check";
import { decodeNdArray, type ElementType, elementType, type NdArray } from "./ndarray";

/** A module attribute that a pickle named and that is on the list. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** A dtype; its byte order arrives after it was made. */
export class PickleDtype {
  type: ElementType | undefined;
  constructor(readonly code: string) {}
}

/** A value that is whole: nothing that walks a pickle looks into it. */
export abstract class PickleLeaf {}

/** What numpy's `_reconstruct` makes: an array whose content arrives with the BUILD opcode. */
export class PickleArray extends PickleLeaf implements NdArray {
  dtype = "";
  shape: number[] = [];
  data: NdArray["data"] = [];
  #filled = false;

  get filled(): boolean {
    return this.#filled;
  }

  fill(array: NdArray): this {
    this.#filled = true;
    return Object.assign(this, array);
  }
}

/** Whole list: numpy arrays and scalars of numpy 1 and 2, and how protocol 2 spells bytes. */
const callables: Readonly<Record<string, PickleCallable>> = {
  "numpy._core.multiarray._reconstruct": reconstruct,
  "numpy.core.multiarray._reconstruct": reconstruct,
  "numpy._core.multiarray.scalar": scalar,
  "numpy.core.multiarray.scalar": scalar,
  "numpy._core.numeric._frombuffer": fromBuffer,
  "numpy.core.numeric._frombuffer": fromBuffer,
  "numpy.ndarray": undefined,
  "numpy.dtype": (context, args) => {
    const code = args[0];
    if (typeof code !== "string") throw context.error("a dtype lacks its code; the file is damaged");
    return new PickleDtype(code);
  },
  "_codecs.encode": (context, args) => {
    const [text, encoding] = args;
    if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1"))
      throw context.error("_codecs.encode is only followed for latin1 text; save the file with protocol 4");
    return context.bytes(text);
  },
  "__builtin__.bytes": emptyBytes,
  "builtins.bytes": emptyBytes,
};

/** Rebuilds a value from the arguments of a REDUCE; undefined for a class that is only passed as an argument. */
export type PickleCallable = ((context: PickleContext, args: readonly unknown[]) => unknown) | undefined;

/** What a kind of pickle may hold beside numpy arrays and plain values: PyTorch's checkpoints have tensors. */
export interface PickleDialect {
  /** For the refusals: a pickle may only name what these need. */
  contents: string;
  callables: Readonly<Record<string, PickleCallable>>;
  /** What a persistent id stands for. */
  persistent: (context: PickleContext, id: unknown) => unknown;
}

/** What callables need of the reader: errors that name the place, and the budget of decoded bytes. */
export interface PickleContext {
  where: string;
  dialect: PickleDialect | undefined;
  error: (problem: string) => InputError;
  /** Counts `length` bytes of new memory. @throws InputError when the file asks for more than it can honestly need. */
  spend: (length: number) => void;
  /** The bytes of latin-1 text or of bytes. */
  bytes: (value: unknown) => Uint8Array;
}

/** @throws InputError naming the global, unless it is on the list. */
export function pickleGlobal(context: PickleContext, module: string, name: string): PickleGlobal {
  const full = `${module}.${name}`;
  const { dialect } = context;
  if (!Object.hasOwn(callables, full) && !(dialect && Object.hasOwn(dialect.callables, full)))
    throw context.error(
      `refused ${JSON.stringify(full).slice(1, -1)}: a pickle may only name what ${dialect?.contents ?? "numpy arrays"} need, anything else could run code; convert the file to ${dialect ? ".safetensors" : ".npy or .json"} where you trust it`,
    );
  return new PickleGlobal(full);
}

/** How a global of the list is rebuilt; undefined if it is only passed as an argument. */
const callableOf = ({ dialect }: PickleContext, { name }: PickleGlobal): PickleCallable =>
  Object.hasOwn(callables, name) ? callables[name] : dialect?.callables[name];

/** What the REDUCE opcode does with an allowed global. */
export function callPickleGlobal(context: PickleContext, callable: unknown, args: readonly unknown[]): unknown {
  const run = callable instanceof PickleGlobal ? callableOf(context, callable) : undefined;
  if (!run)
    throw context.error(
      `refused to call ${callable instanceof PickleGlobal ? callable.name : "a value that is no function"}; this is no pickle of ${context.dialect?.contents ?? "numpy arrays"}`,
    );
  return run(context, args);
}

/** A dict as this reader makes it. */
export const isPlainDictionary = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;

/** What the BUILD opcode does: the state of a dtype or of an array. */
export function buildPickleObject(context: PickleContext, object: unknown, state: unknown): void {
  const damaged = (): InputError => context.error("an object's state is not one of numpy's; the file is damaged");
  // PyTorch hangs the version of each module (`_metadata`) on its dict; nothing here reads it.
  if (context.dialect && isPlainDictionary(object)) return;
  if (!Array.isArray(state)) throw damaged();
  if (object instanceof PickleDtype) {
    const [version, order, subtype, names, fields] = state as unknown[];
    if (typeof version !== "number" || typeof order !== "string" || !"<>|=".includes(order)) throw damaged();
    if (subtype !== null || names !== null || fields !== null)
      throw context.error("records (structured dtypes) are not read; save plain arrays");
    object.type = elementType(context.where, `${order === "=" ? "<" : order}${object.code}`);
  } else if (object instanceof PickleArray) {
    const [, shape, dtype, fortranOrder, data] =
      state.length === 5 ? (state as unknown[]) : [0, ...(state as unknown[])];
    if (object.filled || typeof fortranOrder !== "boolean") throw damaged();
    object.fill(arrayFrom(context, data, dtype, shape, fortranOrder));
  } else throw damaged();
}

function reconstruct(context: PickleContext, args: readonly unknown[]): PickleArray {
  const isArray = args[0] instanceof PickleGlobal && args[0].name === "numpy.ndarray";
  if (!isArray)
    throw context.error("only numpy.ndarray itself is rebuilt, no class derived from it; save it with np.asarray");
  return new PickleArray();
}

/** numpy 2, protocol 5: `_frombuffer(buffer, dtype, shape, order)`. */
function fromBuffer(context: PickleContext, args: readonly unknown[]): PickleArray {
  const [buffer, dtype, shape, order] = args;
  if (order !== "C" && order !== "F") throw context.error("an array's order is neither C nor F; the file is damaged");
  return new PickleArray().fill(arrayFrom(context, buffer, dtype, shape, order === "F"));
}

/** A numpy scalar as a plain number, boolean, bigint (64-bit integers beyond 2⁵³) or text. */
function scalar(context: PickleContext, args: readonly unknown[]): number | bigint | boolean | string {
  const { dtype, data } = arrayFrom(context, args[1], args[0], [], false);
  const value = data[0];
  if (dtype === "bool") return value !== 0;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function emptyBytes(context: PickleContext, args: readonly unknown[]): Uint8Array {
  if (args.length > 0) throw context.error("bytes is only called without arguments; save the file with protocol 4");
  return new Uint8Array(0);
}

function arrayFrom(context: PickleContext, data: unknown, dtype: unknown, shape: unknown, fortran: boolean): NdArray {
  if (!(dtype instanceof PickleDtype) || !Array.isArray(shape))
    throw context.error("an array lacks its dtype or its shape; the file is damaged");
  if (dtype.code.startsWith("O"))
    throw context.error("an array holds Python objects (dtype object); save arrays of numbers or text");
  const bytes = context.bytes(data);
  // widest growth: one-byte text becomes a string of its own, a half a float32
  context.spend(2 * bytes.length);
  const type = dtype.type ?? elementType(context.where, dtype.code);
  assertInput(type.itemSize > 0 || bytes.length === 0, `${context.where}: an element has no size; the file is damaged`);
  return decodeNdArray(context.where, bytes, type, shape, fortran);
}
