/**
 * @file Whether a model's two cards say the same.
 */
import { existsSync, readFileSync } from "node:fs";
import { assertInput } from "../check";
import { cardPath, cardText, type LoadedModel } from "./checkpoint";

/**
 * To be asked before a card is changed: what is written comes from the card inside the file, and what only the one
 * beside it says would be lost.
 *
 * @throws InputError if there is a card beside the model that differs from the one inside
 */
export function assertOneCard(where: string, { path, card }: LoadedModel): void {
  const beside = cardPath(path);
  if (!existsSync(beside)) return;
  assertInput(
    readFileSync(beside, "utf8") === cardText(card),
    `${where}: the card ${beside} differs from the one inside ${path}, and writing would replace it; move it away to go on with the one inside`,
  );
}
