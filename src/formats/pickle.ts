/**
 * @file A reader for Python pickles of numpy arrays and plain values (protocols 0 to 5) that executes nothing.
 *
 * A pickle is a program for a stack machine. This machine knows the opcodes that build plain values; the callables
 * that numpy arrays need are re-implemented in pickleNumpy.ts, every other name is refused before it could be used.
 */
import { InputError } from "../check";
import type { NdArray } from "./ndarray";
import { assertPlain, PickleMeter } from "./pickleBounds";
import { PickleCursor } from "./pickleCursor";
import {
  buildPickleObject,
  callPickleGlobal,
  isPlainDictionary,
  PickleArray,
  type PickleContext,
  type PickleDialect,
  pickleGlobal,
} from "./pickleNumpy";
import { readBytes } from "./readBytes";

/**
 * What a pickle holds: None is null, tuples and lists are arrays, bytes are Uint8Array, Python-2 strings are latin-1
 * text, integers beyond 2⁵³ are bigint, numpy scalars are plain values, dicts are objects without a prototype.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdArray
  | PickleValue[]
  | { [key: string]: PickleValue };

const maxProtocol = 5;
/** An opcode that this reader knows to exist but does not follow, by its byte. */
const refusedOpcodes: Readonly<Record<number, string>> = {
  80: "PERSID",
  111: "OBJ",
  129: "NEWOBJ",
  130: "EXT1",
  131: "EXT2",
  132: "EXT4",
  143: "EMPTY_SET",
  144: "ADDITEMS",
  145: "FROZENSET",
  146: "NEWOBJ_EX",
  151: "NEXT_BUFFER",
  152: "READONLY_BUFFER",
};

class PickleMachine {
  readonly #cursor: PickleCursor;
  readonly #meter: PickleMeter;
  readonly #context: PickleContext;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #arrays: PickleArray[] = [];

  constructor(bytes: Uint8Array, where: string, dialect?: PickleDialect, start: number = 0) {
    const cursor = new PickleCursor(bytes, where);
    cursor.position = start;
    this.#cursor = cursor;
    this.#meter = new PickleMeter(cursor);
    // Bytes once read can be referred to again for two bytes each: without a budget a small file could fill memory.
    const budget = 16 * bytes.length + 4096;
    let spent = 0;
    const spend = (length: number): void => {
      spent += length;
      if (spent > budget)
        cursor.fail(`the file of ${bytes.length} bytes unfolds to more than ${budget}; it is not honest`);
    };
    this.#context = {
      where,
      dialect,
      spend,
      error: (problem) => new InputError(`${where}: ${problem} (byte ${cursor.position})`),
      bytes: (value) => {
        if (value instanceof Uint8Array) return value;
        if (typeof value !== "string") return cursor.fail("expected bytes; the file is damaged");
        spend(value.length);
        for (let i = 0; i < value.length; i++)
          if (value.charCodeAt(i) > 255) cursor.fail("bytes hold a character beyond latin-1; the file is damaged");
        return Buffer.from(value, "latin1");
      },
    };
  }

  #push(value: unknown): void {
    this.#stack.push(value);
  }

  /** A value that takes memory of its own. */
  #pushNew(value: unknown): void {
    this.#meter.keep(Array.isArray(value) ? 1 : 4);
    this.#stack.push(value);
  }

  /** A list or tuple of what lies on the stack. */
  #pushList(items: unknown[]): void {
    this.#meter.nest(items, items);
    this.#pushNew(items);
  }

  #pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.#cursor.fail("the stack is empty; the file is damaged");
    return this.#stack.pop();
  }

  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) this.#cursor.fail("the stack is empty; the file is damaged");
    return this.#stack.at(-1);
  }

  /** Everything above the last mark. */
  #popToMark(): unknown[] {
    const mark = this.#marks.pop();
    return mark === undefined ? this.#cursor.fail("a mark is missing; the file is damaged") : this.#stack.splice(mark);
  }

  #popMany(count: number): unknown[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count)
      this.#cursor.fail("the stack is empty; the file is damaged");
    return this.#stack.splice(this.#stack.length - count);
  }

  #text(length: number | bigint): string {
    return this.#cursor.take(length).toString("utf8");
  }

  #remember(key: number | bigint | boolean): void {
    this.#meter.keep(1);
    this.#memo.set(Number(key), this.#top());
  }

  #recall(key: number | bigint | boolean): void {
    if (!this.#memo.has(Number(key))) this.#cursor.fail(`the memo has nothing at ${key}; the file is damaged`);
    this.#push(this.#memo.get(Number(key)));
  }

  #append(items: readonly unknown[]): void {
    const list = this.#top();
    if (Array.isArray(list)) {
      this.#meter.nest(list, items);
      for (const item of items) list.push(item);
    } else this.#cursor.fail("items are appended to something that is no list; the file is damaged");
  }

  #setItems(dictionary: unknown, items: readonly unknown[]): void {
    const dictionaryOf = (value: unknown): Record<string, unknown> =>
      isPlainDictionary(value) && items.length % 2 === 0
        ? value
        : this.#cursor.fail("items are set on something that is no dict; the file is damaged");
    const target = dictionaryOf(dictionary);
    this.#meter.nest(target, items);
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== "string" && typeof key !== "number" && typeof key !== "bigint")
        this.#cursor.fail("a dict has a key that is neither text nor a number; save it with keys of text");
      target[String(key)] = items[i + 1];
    }
  }

  #reduce(): void {
    const [callable, args] = this.#popMany(2);
    if (!Array.isArray(args)) this.#cursor.fail("a call lacks its arguments; the file is damaged");
    const value = callPickleGlobal(this.#context, callable, args as unknown[]);
    if (value instanceof PickleArray) this.#arrays.push(value);
    this.#pushNew(value);
  }

  #stackGlobal(): void {
    const [module, name] = this.#popMany(2);
    if (typeof module !== "string" || typeof name !== "string")
      this.#cursor.fail("a global is named by something that is no text; the file is damaged");
    this.#pushNew(pickleGlobal(this.#context, module as string, name as string));
  }

  /** Opcodes by their byte; the names are those of Python's pickletools. */
  readonly #opcodes: Readonly<Record<number, () => void>> = {
    128: () => {
      const protocol = this.#cursor.uint8();
      if (protocol > maxProtocol)
        this.#cursor.fail(`pickle protocol ${protocol} is not known; save the file with protocol 4 or 5`);
    }, // PROTO
    149: () => {
      // FRAME only groups opcodes for buffered reading: its length must fit, nothing else follows from it.
      const length = this.#cursor.uint64();
      const start = this.#cursor.position;
      this.#cursor.take(length);
      this.#cursor.position = start;
    },
    40: () => this.#meter.marks(this.#marks.push(this.#stack.length)), // MARK
    48: () => {
      if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
      else this.#pop();
    }, // POP
    49: () => this.#popToMark(), // POP_MARK
    50: () => this.#push(this.#top()), // DUP
    78: () => this.#push(null), // NONE
    136: () => this.#push(true), // NEWTRUE
    137: () => this.#push(false), // NEWFALSE
    73: () => this.#push(this.#cursor.decimal(true)), // INT
    76: () => this.#push(this.#cursor.decimal(false)), // LONG
    70: () => this.#push(this.#cursor.decimalFloat()), // FLOAT
    74: () => this.#push(this.#cursor.int32()), // BININT
    75: () => this.#push(this.#cursor.uint8()), // BININT1
    77: () => this.#push(this.#cursor.uint16()), // BININT2
    138: () => this.#push(this.#cursor.twosComplement(this.#cursor.uint8())), // LONG1
    139: () => this.#push(this.#cursor.twosComplement(this.#cursor.int32())), // LONG4
    71: () => this.#push(this.#cursor.float64()), // BINFLOAT
    83: () => this.#push(this.#cursor.quotedString()), // STRING
    84: () => this.#push(this.#cursor.take(this.#cursor.uint32()).toString("latin1")), // BINSTRING
    85: () => this.#push(this.#cursor.take(this.#cursor.uint8()).toString("latin1")), // SHORT_BINSTRING
    86: () => this.#push(this.#cursor.rawUnicode()), // UNICODE
    88: () => this.#push(this.#text(this.#cursor.uint32())), // BINUNICODE
    140: () => this.#push(this.#text(this.#cursor.uint8())), // SHORT_BINUNICODE
    141: () => this.#push(this.#text(this.#cursor.uint64())), // BINUNICODE8
    66: () => this.#pushNew(new Uint8Array(this.#cursor.take(this.#cursor.uint32()))), // BINBYTES
    67: () => this.#pushNew(new Uint8Array(this.#cursor.take(this.#cursor.uint8()))), // SHORT_BINBYTES
    142: () => this.#pushNew(new Uint8Array(this.#cursor.take(this.#cursor.uint64()))), // BINBYTES8
    150: () => this.#pushNew(new Uint8Array(this.#cursor.take(this.#cursor.uint64()))), // BYTEARRAY8
    93: () => this.#pushNew([]), // EMPTY_LIST
    41: () => this.#pushNew([]), // EMPTY_TUPLE
    125: () => this.#pushNew(Object.create(null)), // EMPTY_DICT
    108: () => this.#pushList(this.#popToMark()), // LIST
    116: () => this.#pushList(this.#popToMark()), // TUPLE
    133: () => this.#pushList(this.#popMany(1)), // TUPLE1
    134: () => this.#pushList(this.#popMany(2)), // TUPLE2
    135: () => this.#pushList(this.#popMany(3)), // TUPLE3
    100: () => {
      const items = this.#popToMark();
      const dictionary: unknown = Object.create(null);
      this.#setItems(dictionary, items);
      this.#pushNew(dictionary);
    }, // DICT
    97: () => this.#append([this.#pop()]), // APPEND
    101: () => this.#append(this.#popToMark()), // APPENDS
    115: () => {
      const items = this.#popMany(2);
      this.#setItems(this.#top(), items);
    }, // SETITEM
    117: () => {
      const items = this.#popToMark();
      this.#setItems(this.#top(), items);
    }, // SETITEMS
    103: () => this.#recall(this.#cursor.decimal(false)), // GET
    104: () => this.#recall(this.#cursor.uint8()), // BINGET
    106: () => this.#recall(this.#cursor.uint32()), // LONG_BINGET
    112: () => this.#remember(this.#cursor.decimal(false)), // PUT
    113: () => this.#remember(this.#cursor.uint8()), // BINPUT
    114: () => this.#remember(this.#cursor.uint32()), // LONG_BINPUT
    148: () => this.#remember(this.#memo.size), // MEMOIZE
    99: () => {
      const module = this.#cursor.line();
      this.#pushNew(pickleGlobal(this.#context, module, this.#cursor.line()));
    }, // GLOBAL
    105: () => {
      const module = this.#cursor.line();
      pickleGlobal(this.#context, module, this.#cursor.line());
      this.#cursor.fail("the opcode INST makes an object of a class; arrays never need it");
    }, // INST
    147: () => this.#stackGlobal(), // STACK_GLOBAL
    82: () => this.#reduce(), // REDUCE
    81: () => {
      const { dialect } = this.#context;
      if (!dialect)
        return this.#cursor.fail(
          "refused the opcode BINPERSID, which no numpy array needs; a PyTorch checkpoint is read by readTorchCheckpoint",
        );
      this.#push(dialect.persistent(this.#context, this.#pop()));
    }, // BINPERSID
    98: () => {
      const state = this.#pop();
      buildPickleObject(this.#context, this.#top(), state);
    }, // BUILD
  };

  run(): { value: unknown; end: number } {
    for (;;) {
      this.#meter.operation();
      const opcode = this.#cursor.uint8();
      if (opcode === 0x2e) break; // STOP
      const step = this.#opcodes[opcode];
      if (!step) {
        const name = refusedOpcodes[opcode] ?? `0x${opcode.toString(16).padStart(2, "0")}`;
        const contents = this.#context.dialect?.contents ?? "numpy arrays";
        this.#cursor.fail(`refused the opcode ${name}, which no ${contents} need; this is no pickle of ${contents}`);
      }
      step();
    }
    const value = this.#pop();
    if (this.#arrays.some((array) => !array.filled))
      this.#cursor.fail("an array was never filled; the file is damaged");
    assertPlain(value, this.#cursor);
    return { value, end: this.#cursor.position };
  }
}

/**
 * The value in the bytes of a pickle; nothing in it is executed.
 *
 * Memory is bounded by a small multiple of the file's length: lengths and shapes are checked before allocation. A small
 * file that would cost much is refused while it is read: at most 10 million operations, 4 million values that take memory
 * (a list, a tuple or a place of the memo counts 1, a dict, bytes or an array 4), 1,000 open marks, nesting of 100, and 10
 * million values where shared parts are unfolded. GenPose's results with the clouds of 2,750 images take a fifth of that.
 *
 * @param where named in errors
 * @throws InputError (one sentence) for a global that is not on the list, by its name; for an unknown opcode or
 *   protocol; for a truncated or damaged file; for cycles, nesting beyond 100 and what goes beyond the other bounds
 */
export const decodePickle = (bytes: Uint8Array, where: string = "decodePickle"): PickleValue =>
  new PickleMachine(bytes, where).run().value as PickleValue;

/**
 * The value of one pickle among others, with what its dialect adds, and the byte behind its end.
 *
 * @throws InputError as `decodePickle`
 */
export const decodePickleDialect = (
  bytes: Uint8Array,
  where: string,
  dialect: PickleDialect,
  start: number = 0,
): { value: unknown; end: number } => new PickleMachine(bytes, where, dialect, start).run();

/** The value in a .pkl file. @throws InputError as `decodePickle`, and where the file cannot be read. */
export const readPickle = (path: string): PickleValue => decodePickle(readBytes(path), path);
