/**
 * @file Asks a running Jupyter server to run a cell, as the browser would.
 */
import { createRequire } from "node:module";
import { assertInput, InputError } from "../check";

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A server and its key. */
export interface JupyterServer {
  port: number;
  token: string;
}

async function ask<T>(
  { port, token }: JupyterServer,
  path: string,
  method: "GET" | "POST" | "DELETE",
  body?: unknown,
): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}/api/${path}`, {
    method,
    headers: { Authorization: `token ${token}`, "Content-Type": "application/json" },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!response.ok) throw new Error(`/api/${path} answered ${response.status}`);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Wait until the server answers. @throws InputError if it does not within `seconds` */
export async function waitForServer(server: JupyterServer, alive: () => boolean, seconds: number = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end && alive(); await pause(200)) {
    const answered = await ask(server, "status", "GET").then(
      () => true,
      () => false,
    );
    if (answered) return;
  }
  throw new InputError(`lab: the server did not answer on port ${server.port}; try another with --port`);
}

/**
 * Start the kernel «tslab», run `code` in it and return what it printed.
 *
 * @throws InputError if the server does not know the kernel or the cell fails
 */
export async function runCell(server: JupyterServer, code: string, seconds: number = 60): Promise<string> {
  const { kernelspecs } = await ask<{ kernelspecs: Record<string, unknown> }>(server, "kernelspecs", "GET");
  assertInput(
    "tslab" in kernelspecs,
    `lab: the server knows the kernels ${Object.keys(kernelspecs).join(", ")} but not tslab; is .jupyter/kernels/tslab there?`,
  );
  const { id } = await ask<{ id: string }>(server, "kernels", "POST", { name: "tslab", path: "notebooks/check.ipynb" });
  try {
    return await execute(server, id, code, seconds);
  } finally {
    await ask(server, `kernels/${id}`, "DELETE").catch(() => {}); // the server ends its kernels when it stops
  }
}

interface KernelMessage {
  parent_header: { msg_id?: string };
  header: { msg_type: string };
  content: { text?: string; status?: string };
}

function execute({ port, token }: JupyterServer, kernel: string, code: string, seconds: number): Promise<string> {
  // jsdom's WebSocket: Node has one of its own only from 22 on.
  const { JSDOM } = createRequire(__filename)("jsdom") as typeof import("jsdom");
  const { window } = new JSDOM("", { url: `http://127.0.0.1:${port}/` });
  const socket = new window.WebSocket(`ws://127.0.0.1:${port}/api/kernels/${kernel}/channels?token=${token}`);
  const request = {
    channel: "shell",
    header: { msg_id: "check", msg_type: "execute_request", version: "5.3", session: "check", username: "posediff" },
    parent_header: {},
    metadata: {},
    content: { code, silent: false, store_history: false, allow_stdin: false, stop_on_error: true },
  };
  return new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new InputError(`lab: the kernel's cell failed: ${why}`));
    const timer = setTimeout(() => fail(`no answer in ${seconds} s`), seconds * 1000);
    let printed = "";
    let status: string | undefined;
    let idle = false;
    socket.onopen = () => socket.send(JSON.stringify(request));
    socket.onerror = () => fail("the connection broke");
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as KernelMessage & { content: { execution_state?: string } };
      if (message.parent_header.msg_id !== "check") return;
      if (message.header.msg_type === "stream") printed += message.content.text ?? "";
      if (message.header.msg_type === "execute_reply") status = message.content.status;
      if (message.header.msg_type === "status") idle = message.content.execution_state === "idle";
      // The reply and the output come on channels of their own: both must have come.
      if (status === undefined || !idle) return;
      clearTimeout(timer);
      if (status === "ok") resolve(printed);
      else fail(printed || status);
    };
  }).finally(() => {
    socket.close();
    window.close();
  });
}
