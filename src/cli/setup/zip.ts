/**
 * @file Takes single files out of a zip archive (a Python wheel is one) onto the disk, one by one, because libtensorflow
 * alone is half a gigabyte.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { InputError } from "../../check";
import { byteSource } from "../../formats/byteSource";
import { openZip } from "../../formats/zip";

/** A name that would lead out of the folder that an archive is unpacked into. */
const leadsOut = (name: string): boolean => /^([\\/]|[a-z]:)|(^|[\\/])\.\.([\\/]|$)/i.test(name);

/**
 * Unpack the files for which `target` names a place; the others stay in the archive.
 *
 * @param target the path to write a member to, or undefined to leave it
 * @returns how many files were written
 * @throws InputError if the archive is missing, cut short, damaged or none, or a chosen member's name leads elsewhere
 */
export function unzip(archive: string, target: (name: string) => string | undefined): number {
  try {
    let written = 0;
    for (const [name, member] of openZip("unzip", byteSource("unzip", archive))) {
      const path = name.endsWith("/") ? undefined : target(name);
      if (path === undefined) continue;
      if (leadsOut(name)) throw new InputError(`unzip: ${archive} holds ${name}, which leads out of its folder;`);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, member.read());
      written++;
    }
    return written;
  } catch (error) {
    // whatever is wrong with an archive that was just fetched, the cure is the same
    if (error instanceof InputError) throw new InputError(`${error.message.replace(/;[^;]*$/, "")}; download it again`);
    throw error;
  }
}
