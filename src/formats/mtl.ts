/**
 * @file Material files of OBJ meshes: diffuse colours (Kd) and pictures (map_Kd).
 */
import { InputError } from "../check";

/** What a surface looks like in white light. */
export interface Material {
  /** Red, green, blue 0 … 1; white where the file gives none. */
  diffuse: [number, number, number];
  /** Picture file, as the material file names it. */
  picture?: string;
}

/**
 * Materials by name. Options of map_Kd (-s 1 1 1 …) are passed over: the picture is the last word.
 *
 * @throws InputError naming the line of a colour that is none, or of a colour before any material
 */
export function decodeMtl(text: string, where: string = "decodeMtl"): Map<string, Material> {
  const materials = new Map<string, Material>();
  let current: Material | undefined;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const words = line.split("#")[0].trim().split(/\s+/);
    if (words[0] === "newmtl") {
      current = { diffuse: [1, 1, 1] };
      materials.set(words.slice(1).join(" "), current);
    } else if (words[0] === "Kd" || words[0] === "map_Kd") {
      const fail = (problem: string): InputError =>
        new InputError(`${where}, line ${i + 1}: ${problem}; export the mesh with its materials again`);
      if (!current) throw fail(`${words[0]} comes before any newmtl`);
      if (words[0] === "map_Kd") {
        // A name with spaces, unless options come before it.
        current.picture = words[1]?.startsWith("-") ? words[words.length - 1] : words.slice(1).join(" ");
        continue;
      }
      const color = words.slice(1, 4).map(Number);
      if (color.length < 3 || !color.every((c) => c >= 0 && c <= 1))
        throw fail(`the colour ${JSON.stringify(line)} is not three numbers from 0 to 1`);
      current.diffuse = color as Material["diffuse"];
    }
  }
  return materials;
}
