/**
 * @file Jupyter for the walkthroughs: the one on the PATH or one of our own in .venv; all its files inside the project.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertInput, InputError } from "../check";

/** Runs a program to its end; `posediff lab` passes the command line's own. */
export type Run = (
  program: string,
  args: readonly string[],
  options?: { env?: Readonly<Record<string, string>>; limitSeconds?: number },
) => { ok: boolean; stdout: string; failure: string };

/**
 * The environment in which Jupyter sees the project's kernel and writes nothing outside the project. With
 * JUPYTER_PREFER_ENV_PATH a kernel of the same name in the home folder does not come first.
 */
export function jupyterEnvironment(root: string): Record<string, string> {
  const inside = (name: string): string => join(root, ".jupyter", name);
  return {
    JUPYTER_PATH: join(root, ".jupyter"),
    JUPYTER_CONFIG_DIR: inside("config"),
    JUPYTER_DATA_DIR: inside("data"),
    JUPYTER_RUNTIME_DIR: inside("runtime"),
    IPYTHONDIR: inside("ipython"),
    JUPYTERLAB_SETTINGS_DIR: inside("lab/user-settings"),
    JUPYTERLAB_WORKSPACES_DIR: inside("lab/workspaces"),
    JUPYTER_PREFER_ENV_PATH: "1",
  };
}

/** Turn off what asks for a network: JupyterLab's news and its search for extensions. */
export function writeJupyterSettings(root: string): void {
  const folder = join(root, ".jupyter", "config", "labconfig");
  mkdirSync(folder, { recursive: true });
  const disabledExtensions = {
    "@jupyterlab/apputils-extension:announcements": true,
    "@jupyterlab/extensionmanager-extension:plugin": true,
  };
  writeFileSync(join(folder, "page_config.json"), `${JSON.stringify({ disabledExtensions }, null, 2)}\n`);
}

/**
 * The program `jupyter` that can run JupyterLab with live plots: that on the PATH if it has JupyterLab and Plotly's
 * renderer, else that in .venv, which is made with the packages of .jupyter/requirements.txt if it is not there.
 *
 * @throws InputError if there is neither, with what is missing
 */
export function findJupyter(root: string, run: Run, python: string | undefined, log: (line: string) => void): string {
  if (hasLab("jupyter", run)) return "jupyter";
  const folder = join(root, ".venv", process.platform === "win32" ? "Scripts" : "bin");
  const own = join(folder, "jupyter");
  if (hasLab(own, run)) return own;
  makeVirtualEnvironment(root, folder, run, python, log);
  assertInput(
    hasLab(own, run),
    "lab: .venv was made but JupyterLab does not start from it; delete .venv and try again",
  );
  return own;
}

/** Whether `jupyter` has JupyterLab and Plotly's renderer for it, without which figures would stand still. */
function hasLab(jupyter: string, run: Run): boolean {
  if (!run(jupyter, ["lab", "--version"], { limitSeconds: 60 }).ok) return false;
  const paths = run(jupyter, ["--paths", "--json"], { limitSeconds: 60 });
  if (!paths.ok) return false;
  const { data } = JSON.parse(paths.stdout) as { data: string[] };
  return data.some((folder) => {
    const extensions = join(folder, "labextensions");
    return existsSync(extensions) && readdirSync(extensions).includes("jupyterlab-plotly");
  });
}

function makeVirtualEnvironment(
  root: string,
  folder: string,
  run: Run,
  python: string | undefined,
  log: (line: string) => void,
): void {
  assertInput(
    python,
    "lab: JupyterLab needs Python 3.10 or later, and none was found; install it or set POSEDIFF_PYTHON",
  );
  log("lab: no JupyterLab with Plotly on the PATH; making .venv with both (about a minute, 320 MB) …");
  const venv = run(python, ["-m", "venv", join(root, ".venv")], { limitSeconds: 300 });
  if (!venv.ok)
    throw new InputError(
      `lab: Python can't make .venv (${venv.failure}); on Debian and Ubuntu install python3-venv, then try again`,
    );
  const requirements = join(root, ".jupyter", "requirements.txt");
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements];
  const packages = run(join(folder, "python"), pip, { limitSeconds: 1200 });
  if (!packages.ok)
    throw new InputError(
      `lab: pip could not install the packages of .jupyter/requirements.txt (${packages.failure}); check the network, or install jupyterlab and plotly so that jupyter is on the PATH`,
    );
}
