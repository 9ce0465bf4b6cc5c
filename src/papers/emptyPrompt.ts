/**
 * @file The empty prompt as token numbers: beginning, end, padding.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { assertInput } from "../check";
import { readJsonObject } from "../formats/readJson";
import type { TextEncoderConfig } from "../models/unet/textEncoder";

/** The text of a special token: plain, or inside a description. */
const contentOf = (token: unknown): string | undefined => {
  if (typeof token === "string") return token;
  const { content } = (token ?? {}) as { content?: unknown };
  return typeof content === "string" ? content : undefined;
};

/**
 * [begin, end, padding …] of the encoder's whole length. Stable Diffusion 1 pads with the end (49406, 49407, 49407, …), 2
 * with token 0.
 *
 * @param tokenizer folder with vocab.json and special_tokens_map.json or tokenizer_config.json; where it is missing,
 *   begin and end are the last two of the vocabulary and the end pads, as in CLIP
 * @throws InputError if a special token is not in the vocabulary
 */
export function emptyPromptIds(tokenizer: string, { vocabulary, length }: TextEncoderConfig): number[] {
  const path = join(tokenizer, "vocab.json");
  if (!existsSync(path)) return [vocabulary - 2, ...new Array<number>(length - 1).fill(vocabulary - 1)];
  const numbers = readJsonObject("emptyPromptIds", path);
  const descriptions = ["special_tokens_map.json", "tokenizer_config.json"]
    .map((name) => join(tokenizer, name))
    .filter((file) => existsSync(file))
    .map((file) => readJsonObject("emptyPromptIds", file));
  const idOf = (role: string, fallback: string): number => {
    const text = descriptions.map((map) => contentOf(map[role])).find((content) => content !== undefined) ?? fallback;
    const id = Object.hasOwn(numbers, text) ? numbers[text] : undefined;
    assertInput(
      typeof id === "number" && Number.isInteger(id) && id >= 0 && id < vocabulary,
      `emptyPromptIds: ${path} has no number for ${role} ${JSON.stringify(text)} below ${vocabulary}; take the tokenizer of this text encoder`,
    );
    return id;
  };
  const end = "<|endoftext|>";
  const padding = idOf("pad_token", end);
  return [idOf("bos_token", "<|startoftext|>"), idOf("eos_token", end), ...new Array<number>(length - 2).fill(padding)];
}
