/** Use what holds tensors or threads, and free it however that ends. */
export async function disposing<T extends { dispose: () => void }, R>(
  held: T,
  use: (held: T) => Promise<R>,
): Promise<R> {
  try {
    return await use(held);
  } finally {
    held.dispose();
  }
}
