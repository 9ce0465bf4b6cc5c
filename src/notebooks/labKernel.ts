/**
 * @file What the kernelspec starts: tslab's own command line with the mend of `mendTslab`.
 */
import { createRequire } from "node:module";
import { mendTslab } from "./mendTslab";

if (require.main === module) {
  mendTslab();
  (createRequire(__filename)("tslab/dist/main.js") as { main: () => void }).main();
}
