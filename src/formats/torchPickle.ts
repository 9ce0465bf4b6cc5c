/**
 * @file What a PyTorch checkpoint's pickle may name: tensors as views of storages, and nothing else.
 */
import { type Dtype, dtypes } from "./dtypes";
import { type PickleCallable, type PickleContext, type PickleDialect, PickleGlobal, PickleLeaf } from "./pickleNumpy";

/** Numbers that tensors are views of. */
export class TorchStorage extends PickleLeaf {
  constructor(
    readonly key: string,
    /** undefined for bytes without a type: then each tensor says its own. */
    readonly dtype: Dtype | undefined,
    /** Of the storage's type; bytes where it has none. */
    readonly count: number,
  ) {
    super();
  }
}

/** A tensor as the pickle describes it: which numbers of which storage, not yet read. */
export class TorchView extends PickleLeaf {
  constructor(
    readonly storage: TorchStorage,
    readonly dtype: Dtype,
    /** Of the first number, in numbers. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** Numbers from one index to the next, per axis. */
    readonly stride: readonly number[],
  ) {
    super();
  }
}

const storageTypes: Readonly<Record<string, Dtype>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

const torchDtypes: Readonly<Record<string, Dtype>> = {
  "torch.float64": "F64",
  "torch.float32": "F32",
  "torch.float16": "F16",
  "torch.bfloat16": "BF16",
  "torch.int64": "I64",
  "torch.uint64": "U64",
  "torch.int32": "I32",
  "torch.uint32": "U32",
  "torch.int16": "I16",
  "torch.uint16": "U16",
  "torch.int8": "I8",
  "torch.uint8": "U8",
  "torch.bool": "BOOL",
};

const untypedStorages = ["torch.storage.UntypedStorage", "torch.UntypedStorage"];
const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Type of a storage's class; undefined for bytes without a type. */
function storageType(context: PickleContext, type: unknown): Dtype | undefined {
  if (!(type instanceof PickleGlobal)) throw context.error("a storage lacks its type; the file is damaged");
  if (untypedStorages.includes(type.name)) return undefined;
  return storageTypes[type.name.slice(type.name.lastIndexOf(".") + 1)];
}

/** ("storage", type, key, location, count[, view]): the location, a device, means nothing here. */
function storageOf(context: PickleContext, id: unknown, known: Map<string, TorchStorage>): TorchStorage {
  const [kind, type, key, , count, view] = Array.isArray(id) ? (id as unknown[]) : [];
  if (kind !== "storage" || typeof key !== "string" || !isIndex(count))
    throw context.error("a persistent id is not one of PyTorch's storages; this is no PyTorch checkpoint");
  if (view !== undefined && view !== null)
    throw context.error("a storage is a view of another one (PyTorch 0.3 and older); save it with a newer PyTorch");
  const dtype = storageType(context, type);
  const storage = known.get(key) ?? new TorchStorage(key, dtype, count);
  if (storage.dtype !== dtype || storage.count !== count)
    throw context.error(`the storage ${key} is described in two ways; the file is damaged`);
  known.set(key, storage);
  return storage;
}

/** Counts the bytes of all tensors of a file. @throws InputError when they are more than it can honestly hold */
type TensorBudget = (context: PickleContext, bytes: number) => void;

function tensor(context: PickleContext, spend: TensorBudget, args: readonly unknown[], dtype?: Dtype): TorchView {
  const [storage, offset, shape, stride] = args;
  const damaged = (): Error => context.error("a tensor is described in a way that PyTorch never does; it is damaged");
  const isShape = (value: unknown): value is number[] => Array.isArray(value) && value.every(isIndex);
  if (!(storage instanceof TorchStorage) || !isIndex(offset) || !isShape(shape) || !isShape(stride)) throw damaged();
  const own = dtype ?? storage.dtype;
  if (shape.length !== stride.length || shape.length > 32 || own === undefined) throw damaged();
  const itemSize = dtypes[own].bytes;
  const count = shape.reduce((a, b) => a * b, 1);
  // One past the last number that the tensor touches.
  const end = count === 0 ? 0 : offset + 1 + shape.reduce((sum, size, axis) => sum + (size - 1) * stride[axis], 0);
  const available = (storage.count * (storage.dtype ? dtypes[storage.dtype].bytes : 1)) / itemSize;
  if (!(end <= available) || !Number.isSafeInteger(count))
    throw context.error(
      `a tensor of the shape (${shape.join(", ")}) reaches to number ${end} of a storage of ${available}; the file is damaged`,
    );
  spend(context, count * itemSize);
  return new TorchView(storage, own, offset, shape, stride);
}

/** `OrderedDict()`, or with the pairs of Python 2. */
function orderedDict(context: PickleContext, args: readonly unknown[]): unknown {
  const dictionary = Object.create(null) as Record<string, unknown>;
  const [pairs = []] = args;
  if (!Array.isArray(pairs)) throw context.error("an OrderedDict is made of something that is no list of pairs");
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== "string")
      throw context.error("an OrderedDict has an item that is no pair of a name and a value; the file is damaged");
    dictionary[pair[0]] = pair[1];
  }
  return dictionary;
}

const namesOnly: readonly string[] = [
  ...Object.keys(storageTypes).flatMap((name) => [`torch.${name}`, `torch.cuda.${name}`]),
  ...untypedStorages,
  ...Object.keys(torchDtypes),
];

const callablesOf = (spend: TensorBudget): Record<string, PickleCallable> => ({
  ...Object.fromEntries(namesOnly.map((name) => [name, undefined])),
  "torch._utils._rebuild_tensor": (context, args) => tensor(context, spend, args),
  "torch._utils._rebuild_tensor_v2": (context, args) => tensor(context, spend, args),
  "torch._utils._rebuild_tensor_v3": (context, args) => {
    const dtype = args[6] instanceof PickleGlobal ? torchDtypes[args[6].name] : undefined;
    if (!dtype) throw context.error("a tensor has a type that is not read; save it as float32");
    return tensor(context, spend, args, dtype);
  },
  "torch._utils._rebuild_parameter": (context, [data]) => {
    if (!(data instanceof TorchView)) throw context.error("a parameter holds no tensor; the file is damaged");
    return data;
  },
  "torch.Size": (context, [sizes]) => {
    if (!Array.isArray(sizes)) throw context.error("a torch.Size holds no list; the file is damaged");
    return sizes as unknown[];
  },
  "collections.OrderedDict": orderedDict,
});

/**
 * PyTorch's dialect of pickle, for one file, and the storages that its tensors are views of (filled while it is read).
 *
 * @param fileSize bytes: views repeat a storage's numbers (an expanded tensor without end), the file bounds how often
 */
export function torchDialect(fileSize: number): { dialect: PickleDialect; storages: Map<string, TorchStorage> } {
  const budget = 16 * fileSize + 65_536;
  let spent = 0;
  const spend: TensorBudget = (context, bytes) => {
    spent += bytes;
    if (spent > budget)
      throw context.error(
        `the tensors of a file of ${fileSize} bytes unfold to more than ${budget} bytes; it is not honest`,
      );
  };
  const storages = new Map<string, TorchStorage>();
  const dialect: PickleDialect = {
    contents: "PyTorch tensors",
    callables: callablesOf(spend),
    persistent: (context, id) => storageOf(context, id, storages),
  };
  return { dialect, storages };
}
